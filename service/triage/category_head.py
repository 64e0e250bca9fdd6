"""The category head: kernel ridge classification of the taxonomy's examples.

The kernel is a Gaussian on language-centred unit vectors plus a linear one on n-grams:
k(a, b) = 6 exp(2 (a.b - 1)) + 0.5 g(a).g(b) + 1. Ridge regression on one-of-c targets has its
leave-one-out predictions in closed form (Rifkin and Lippert, 2007), so the whole training set
calibrates the head at the price of one inversion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.features import Centre, Features, fit_centre, softmax

VERSION = "category-3"
"""Changes whenever training would give another head on the same examples."""

_SHARPNESS, _DENSE, _LEXICAL, _CONSTANT = 2.0, 6.0, 0.5, 1.0
_PENALTY = 0.3
_TEMPERATURES = np.geomspace(0.02, 3.0, 80)

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Calibration:
    """Measured on held-out examples: `threshold` is the confidence from which labels are given,
    `precision` and `coverage` what it bought, `accuracy` that of all guesses; `second` is the
    confidence a part of a text needs to add a label."""

    temperature: float
    threshold: float
    second: float
    precision: float
    coverage: float
    accuracy: float


@dataclass(frozen=True)
class CategoryHead:
    """A trained head for c classes, made of n examples.

    Shapes: anchors (n, dim), dual (n, c), lexical (buckets, c), bias (c,).
    """

    centre: Centre
    anchors: FloatMatrix
    dual: FloatMatrix
    lexical: FloatMatrix
    bias: FloatMatrix
    calibration: Calibration

    def probabilities(self, features: Features) -> FloatMatrix:
        """Calibrated probabilities, shape (n, classes)."""
        centred = self.centre.apply(features.vectors, features.langs)
        logits = _dense(centred, self.anchors) @ self.dual.astype(np.float64)
        logits += features.grams @ self.lexical + self.bias
        return softmax(np.asarray(logits / self.calibration.temperature, dtype=np.float32))

    def similarities(self, features: Features) -> FloatMatrix:
        """Cosine of each text to each example after centring, shape (n, examples)."""
        return self.centre.apply(features.vectors, features.langs) @ self.anchors.T


class _Weights(NamedTuple):
    centre: Centre
    anchors: FloatMatrix
    dual: FloatMatrix
    lexical: FloatMatrix
    bias: FloatMatrix


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
        categories: how many of the classes are given as labels; numbers above stand for none.
        precision: what the labels given must reach on held-out examples.
        second: the same for a label that a part of a text adds.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # small matrices: spinning threads cost twenty times the work
        classes = max(categories, int(targets.max()) + 1)
        weights, held_out = _train(features, targets, classes)
        calibration = calibrate(held_out, targets, precision, second, categories)
        return CategoryHead(*weights, calibration)


def leave_one_out(features: Features, targets: Indices, categories: int) -> FloatMatrix:
    """Logits of every example from a head trained on all others, shape (n, classes)."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _train(features, targets, max(categories, int(targets.max()) + 1))[1]


def _train(features: Features, targets: Indices, classes: int) -> tuple[_Weights, FloatMatrix]:
    """Weights, and the logits of every example from a model that did not see it."""
    centre = fit_centre(features.vectors, features.langs)
    anchors = centre.apply(features.vectors, features.langs)
    grams = (features.grams @ features.grams.T).toarray()
    kernel = _dense(anchors, anchors) + _LEXICAL * grams + _CONSTANT
    inverse = np.linalg.inv(kernel.astype(np.float64) + _PENALTY * np.eye(len(targets)))
    wanted = _codes(targets, classes)
    exact = inverse @ wanted
    dual = np.asarray(exact, dtype=np.float32)
    lexical = np.asarray(_LEXICAL * (features.grams.T @ dual), dtype=np.float32)
    bias = np.asarray(_CONSTANT * dual.sum(axis=0), dtype=np.float32)
    held_out = wanted - exact / np.diag(inverse)[:, None]
    weights = _Weights(centre, anchors, dual, lexical, bias)
    return weights, np.asarray(held_out, dtype=np.float32)


def _codes(targets: Indices, classes: int) -> NDArray[np.float64]:
    """1 for the class, and as much below zero for all others together."""
    codes = np.full((len(targets), classes), -1.0 / (classes - 1))
    codes[np.arange(len(targets)), targets] = 1.0
    return codes


def calibrate(
    logits: FloatMatrix,
    targets: Indices,
    precision: float,
    second: float = 1.0,
    categories: int | None = None,
) -> Calibration:
    """Temperature by likelihood, thresholds as the least that reach the precisions.

    Only the first `categories` classes count as labels; where another class wins, none is given.
    """
    losses = [_loss(logits / t, targets) for t in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    probabilities = softmax(np.asarray(logits / temperature, dtype=np.float32))
    guess = probabilities.argmax(axis=1)
    right = guess == targets
    confidence = probabilities.max(axis=1) * (guess < (categories or logits.shape[1]))
    order = np.argsort(-confidence)
    precisions = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last, last_second = _least(precisions, precision), _least(precisions, second)
    return Calibration(
        temperature=temperature,
        threshold=float(confidence[order[last]]),
        second=float(confidence[order[last_second]]),
        precision=float(precisions[last]),
        coverage=(last + 1) / len(order),
        accuracy=float(right.mean()),
    )


def _least(precisions: NDArray[np.float64], wanted: float) -> int:
    """Place of the last example down to which the precision is reached."""
    reached = np.flatnonzero(precisions >= wanted)
    return int(reached[-1]) if len(reached) else 0


def _dense(left: FloatMatrix, right: FloatMatrix) -> NDArray[np.float64]:
    """Double precision: large weights of both signs cancel, and a text must not come out otherwise
    alone than in a batch."""
    cosines = left.astype(np.float64) @ right.astype(np.float64).T
    cosines -= 1
    cosines *= _SHARPNESS
    return np.asarray(_DENSE * np.exp(cosines, out=cosines))


def _loss(logits: FloatMatrix, targets: Indices) -> float:
    probabilities = softmax(np.asarray(logits, dtype=np.float32))
    chosen = probabilities[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-9)).mean())
