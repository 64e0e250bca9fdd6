"""The category head: kernel logistic regression over the taxonomy's examples.

The kernel is a Gaussian on language-centred unit vectors plus a linear one on n-grams:
k(a, b) = 6 exp(3 (a.b - 1)) + 0.3 g(a).g(b). Cross-validated on the taxonomy's own examples it is
right about four points more often than a linear head on the same features (see README).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.features import Centre, Features, fit_centre, softmax

VERSION = "category-2"
"""Changes whenever training would give another head on the same examples."""

_SHARPNESS, _DENSE, _LEXICAL = 3.0, 6.0, 0.3
_RANK, _INVERSE_PENALTY = 600, 5.0
_FOLDS = 5
_TEMPERATURES = np.geomspace(0.2, 3.0, 40)

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Calibration:
    """Measured on held-out folds: `threshold` is the confidence from which labels are given,
    `precision` and `coverage` what it bought, `accuracy` that of all guesses."""

    temperature: float
    threshold: float
    precision: float
    coverage: float
    accuracy: float


@dataclass(frozen=True)
class CategoryHead:
    """A trained head. Shapes: anchors (n, dim), dual (n, c), lexical (buckets, c), bias (c,)."""

    centre: Centre
    anchors: FloatMatrix
    dual: FloatMatrix
    lexical: FloatMatrix
    bias: FloatMatrix
    calibration: Calibration

    def probabilities(self, features: Features) -> FloatMatrix:
        """Calibrated probabilities, shape (n, categories)."""
        centred = self.centre.apply(features.vectors, features.langs)
        logits = _dense(centred, self.anchors) @ self.dual
        logits += features.grams @ self.lexical + self.bias
        return softmax(np.asarray(logits / self.calibration.temperature, dtype=np.float32))

    def similarities(self, features: Features) -> FloatMatrix:
        """Cosine of each text to each example after centring, shape (n, examples)."""
        return self.centre.apply(features.vectors, features.langs) @ self.anchors.T


def train_category_head(
    features: Features, targets: Indices, *, categories: int, precision: float
) -> CategoryHead:
    """Fit on labelled examples and calibrate on held-out folds.

    Args:
        targets: category number of each example, shape (n,).
        categories: how many there are.
        precision: what the labels given must reach on the held-out folds.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # small matrices: spinning threads cost twenty times the work
        return _train(features, targets, categories, precision)


def _train(features: Features, targets: Indices, categories: int, precision: float) -> CategoryHead:
    centre = fit_centre(features.vectors, features.langs)
    anchors = centre.apply(features.vectors, features.langs)
    kernel = _dense(anchors, anchors) + _LEXICAL * (features.grams @ features.grams.T).toarray()
    reduced, back = _decompose(kernel)
    weights, bias = _fit(reduced, targets, categories)
    dual = np.asarray(back @ weights, dtype=np.float32)
    lexical = np.asarray(_LEXICAL * (features.grams.T @ dual), dtype=np.float32)
    calibration = calibrate(_held_out(reduced, targets, categories), targets, precision)
    return CategoryHead(centre, anchors, dual, lexical, bias, calibration)


def calibrate(logits: FloatMatrix, targets: Indices, precision: float) -> Calibration:
    """Temperature by likelihood, threshold as the least that reaches the precision."""
    losses = [_loss(logits / t, targets) for t in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    probabilities = softmax(np.asarray(logits / temperature, dtype=np.float32))
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    order = np.argsort(-confidence)
    precisions = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(precisions >= precision)
    last = int(reached[-1]) if len(reached) else 0
    return Calibration(
        temperature=temperature,
        threshold=float(confidence[order[last]]),
        precision=float(precisions[last]),
        coverage=(last + 1) / len(order),
        accuracy=float(right.mean()),
    )


def _dense(left: FloatMatrix, right: FloatMatrix) -> FloatMatrix:
    return np.asarray(_DENSE * np.exp(_SHARPNESS * (left @ right.T - 1)), dtype=np.float32)


def _decompose(kernel: FloatMatrix) -> tuple[FloatMatrix, FloatMatrix]:
    """Coordinates (n, r) whose inner products give the kernel back, and the map from weights on
    them to dual weights on the examples."""
    values, vectors = np.linalg.eigh(kernel.astype(np.float64))
    kept = np.argsort(-values)[:_RANK]
    kept = kept[values[kept] > 1e-6]
    roots = np.sqrt(values[kept])
    coordinates, back = vectors[:, kept] * roots, vectors[:, kept] / roots
    return coordinates.astype(np.float32), back.astype(np.float32)


def _fit(
    reduced: FloatMatrix, targets: Indices, categories: int
) -> tuple[FloatMatrix, FloatMatrix]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=200, tol=1e-3)
    model.fit(reduced, targets)
    weights = np.zeros((reduced.shape[1], categories), dtype=np.float32)
    bias = np.full(categories, -1e3, dtype=np.float32)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # sklearn stores one row for two classes
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2])
    weights[:, model.classes_] = coefficients.T
    bias[model.classes_] = intercepts
    return weights, bias


def _held_out(reduced: FloatMatrix, targets: Indices, categories: int) -> FloatMatrix:
    """Logits of every example from a model that did not see it."""
    logits = np.zeros((len(targets), categories), dtype=np.float32)
    for fold in _folds(targets):
        rest = np.setdiff1d(np.arange(len(targets)), fold)
        weights, bias = _fit(reduced[rest], targets[rest], categories)
        logits[fold] = reduced[fold] @ weights + bias
    return logits


def _folds(targets: Indices) -> Sequence[Indices]:
    """Stratified by dealing each category's examples round; no randomness."""
    order = np.argsort(targets, kind="stable")
    return [np.sort(order[start::_FOLDS]) for start in range(_FOLDS)]


def _loss(logits: FloatMatrix, targets: Indices) -> float:
    probabilities = softmax(np.asarray(logits, dtype=np.float32))
    chosen = probabilities[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-9)).mean())
