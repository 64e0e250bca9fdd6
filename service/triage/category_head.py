"""The category head: kernel ridge classification of the taxonomy's examples, and "none of these".

All is calibrated on the head's own leave-one-out scores; see `kernel_ridge`, `scope` and
`confidence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.calibration import Calibration, Indices, calibrate, log_loss
from service.triage.confidence import Confidence, fit_confidence
from service.triage.features import Centre, Features, fit_centre, softmax
from service.triage.kernel_ridge import CONSTANT, cosines, dense, solve
from service.triage.lexical import Weighing, fit_weighing
from service.triage.scope import Scope, fit_scope, traits

VERSION = "category-6"
"""Changes whenever training would give another head on the same examples."""

_UNSEEN = 20.0
"""Examples every class is taken to have besides its own where classes are weighed alike: the odds
of a class of three examples would otherwise rest on three examples."""


@dataclass(frozen=True)
class CategoryHead:
    """A trained head for c classes, made of n examples.

    Shapes: anchors (n, dim), dual (n, c), lexical (2 buckets, c), bias (c,), shares (c,). With a
    scope the last class stands for none; without one every class is judged alike.
    """

    centre: Centre
    weighing: Weighing
    anchors: FloatMatrix
    dual: FloatMatrix
    lexical: FloatMatrix
    bias: FloatMatrix
    shares: FloatMatrix
    scope: Scope | None
    confidence: Confidence
    calibration: Calibration

    def scores(self, features: Features) -> tuple[FloatMatrix, NDArray[np.float64]]:
        """Calibrated probabilities, shape (n, classes), and the cosine of each text to each example
        after centring, shape (n, examples)."""
        centred = self.centre.apply(features.vectors, features.langs)
        near = cosines(centred, self.anchors)
        logits = dense(near) @ self.dual.astype(np.float64)
        logits += self.weighing.apply(features) @ self.lexical + self.bias
        said = _probabilities(logits, near, self.calibration.temperature, self.scope)
        known = said.shape[1] - (self.scope is not None)
        return self.confidence.apply(said, known), near

    def probabilities(self, features: Features) -> FloatMatrix:
        """Calibrated probabilities, shape (n, classes)."""
        return self.scores(features)[0]

    def balanced(self, features: Features) -> FloatMatrix:
        """Probabilities if every class were as frequent as any other, shape (n, classes): for
        decisions where a miss in a rare class costs as much as one in a frequent class (Saerens et
        al., 2002). They are not calibrated for texts as they come; `probabilities` are."""
        weighed = self.probabilities(features) / self.shares
        return np.asarray(weighed / weighed.sum(axis=1, keepdims=True), dtype=np.float32)


class _Fit(NamedTuple):
    """Weights of a head with the held-out logits and cosines of its own examples."""

    centre: Centre
    weighing: Weighing
    anchors: FloatMatrix
    dual: FloatMatrix
    lexical: FloatMatrix
    bias: FloatMatrix
    shares: FloatMatrix
    logits: FloatMatrix
    near: NDArray[np.float64]


def train_category_head(
    features: Features,
    targets: Indices,
    categories: int,
    precision: float = 1.0,
    second: float = 1.0,
) -> CategoryHead:
    """Fit on labelled examples and calibrate on their leave-one-out predictions.

    Args:
        targets: category number of each example, shape (n,).
        categories: how many of the classes are given as labels; the number above stands for none.
        precision: what the labels given must reach on held-out examples.
        second: the same for a label that a part of a text adds.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # small matrices: spinning threads cost twenty times the work
        fit = _fit(features, targets, categories)
        temperature, scope = _scoped(fit, targets, categories)
        said = _probabilities(fit.logits, fit.near, temperature, scope)
    known = said.shape[1] - (scope is not None)
    confidence = fit_confidence(said, targets, known)
    calibration = calibrate(
        confidence.apply(said, known),
        targets,
        temperature=temperature,
        categories=categories,
        precision=precision,
        second=second,
    )
    return CategoryHead(*fit[:-2], scope, confidence, calibration)


def leave_one_out(features: Features, targets: Indices, categories: int) -> FloatMatrix:
    """Logits of every example from a head trained on all others, shape (n, classes)."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _fit(features, targets, categories).logits


def _fit(features: Features, targets: Indices, categories: int) -> _Fit:
    centre, weighing = fit_centre(features.vectors, features.langs), fit_weighing(features)
    anchors, words = centre.apply(features.vectors, features.langs), weighing.apply(features)
    classes = max(categories, int(targets.max()) + 1)
    dual, held_out, share = solve(anchors, words, targets, classes)
    lexical = np.asarray(share * (words.T @ dual), dtype=np.float32)
    bias = np.asarray(CONSTANT * dual.sum(axis=0), dtype=np.float32)
    near = cosines(anchors, anchors)
    np.fill_diagonal(near, -1.0)
    shares = _shares(targets, classes)
    return _Fit(centre, weighing, anchors, dual, lexical, bias, shares, held_out, near)


def _shares(targets: Indices, classes: int) -> FloatMatrix:
    """How frequent each class is among the examples, drawn towards all alike, shape (classes,)."""
    counts = np.bincount(targets, minlength=classes) + _UNSEEN
    return np.asarray(counts / counts.sum(), dtype=np.float32)


def _scoped(fit: _Fit, targets: Indices, categories: int) -> tuple[float, Scope | None]:
    """The temperature of the classes, and what tells none of them, where enough examples do."""
    belongs = targets < categories
    if belongs.all():
        return log_loss(fit.logits, targets)[1], None
    known = fit.logits[:, :categories]
    _, temperature = log_loss(known[belongs], targets[belongs])
    best = softmax(known / np.float32(temperature)).max(axis=1)
    scope = fit_scope(traits(fit.logits, fit.near, categories), best, belongs)
    return (temperature, scope) if scope else (log_loss(fit.logits, targets)[1], None)


def _probabilities(
    logits: NDArray[np.floating], near: NDArray[np.float64], temperature: float, scope: Scope | None
) -> FloatMatrix:
    """Of the classes; with a scope, what it takes for none is taken off all others."""
    if scope is None:
        return softmax(np.asarray(logits / temperature, dtype=np.float32))
    categories = logits.shape[1] - 1
    none = scope.none(traits(logits, near, categories))
    known = softmax(np.asarray(logits[:, :categories] / temperature, dtype=np.float32))
    return np.column_stack([known * (1 - none[:, None]), none])
