"""The production head and two plain peers: the same rows to learn from, the same texts to judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evals.confidence import RIGHT, Confidences, Rights
from evals.production import ProductionEngines
from retrieval.segment import segment
from retrieval.types import Role

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NONE = "oos"
"""Label of texts that belong to none of the others."""

ATTACK, HARMLESS = "attack", "benign"
"""Labels of the set of injected orders."""

EVEN = 0.5


class Fold(NamedTuple):
    """Texts with labels to learn from, and texts to be judged; `passages` are the parts of the
    texts their labels rest on, where a set tells."""

    train: Sequence[str]
    labels: Sequence[str]
    test: Sequence[str]
    passages: Sequence[str | None] = ()


class Judged(NamedTuple):
    """The likeliest label of each text with its probability; the label when a miss in a rare class
    costs as much as one in a frequent class; and whether a threshold set on the training rows alone
    lets the text go without a person (None: there is no threshold)."""

    likeliest: Sequence[str]
    confidence: Confidences
    balanced: Sequence[str]
    automatic: Rights | None = None


Classifier = Callable[[ProductionEngines, Fold], Judged]


def ours(engines: ProductionEngines, fold: Fold) -> Judged:
    """The production category head, trained on the set's own rows; "none" is a class apart, never
    decided without a person."""
    from service.triage.category_head import train_category_head
    from service.triage.features import embed_features

    names = sorted(set(fold.labels) - {NONE})
    known = np.array([*names, NONE])
    places = {name: number for number, name in enumerate(known)}
    targets = np.array([places[label] for label in fold.labels], dtype=np.int64)
    features = embed_features(engines.embedder, fold.train)
    head = train_category_head(features, targets, categories=len(names), precision=RIGHT)
    asked = embed_features(engines.embedder, fold.test)
    probabilities, balanced = head.probabilities(asked), head.balanced(asked)
    guess, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    return Judged(
        known[guess].tolist(),
        confidence,
        known[balanced.argmax(axis=1)].tolist(),
        (guess < len(names)) & (confidence >= head.calibration.threshold),
    )


def orders(engines: ProductionEngines, fold: Fold) -> Judged:
    """The production head of injected orders, trained on the set's rows beside the texts written
    for it, as the shipped one is. The threshold is that of its part that judges whole texts."""
    from service.triage.order_head import judge_orders, train_order_head
    from service.triage.order_texts import OrderText, own_orders

    rows = zip(fold.train, fold.labels, fold.passages, strict=True)
    known = [OrderText(text, label == ATTACK, passage) for text, label, passage in rows]
    head = train_order_head(engines.embedder, [*known, *own_orders()], precision=RIGHT)
    probability = judge_orders(head, engines.embedder, fold.test).astype(np.float64)
    confidence = np.maximum(probability, 1 - probability)
    decided = np.where(probability >= EVEN, ATTACK, HARMLESS).tolist()
    return Judged(decided, confidence, decided, confidence >= head.whole.calibration.threshold)


def words(engines: ProductionEngines, fold: Fold) -> Judged:
    """TF-IDF of words and word pairs under a logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    del engines
    vectorizer = TfidfVectorizer(analyzer=_words_and_pairs, sublinear_tf=True)
    return _regress(vectorizer.fit_transform(fold.train), fold, vectorizer.transform(fold.test))


def plain(engines: ProductionEngines, fold: Fold) -> Judged:
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


def _words_and_pairs(text: str) -> list[str]:
    found = segment(text)
    return found + [f"{a} {b}" for a, b in pairwise(found)]


def _regress(train: csr_matrix, fold: Fold, test: csr_matrix) -> Judged:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=20.0, max_iter=300).fit(train, np.array(fold.labels))
    probabilities = model.predict_proba(test)
    labels = model.classes_[probabilities.argmax(axis=1)].tolist()
    return Judged(labels, probabilities.max(axis=1), labels)
