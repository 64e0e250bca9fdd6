"""From held-out scores to probabilities one can rely on, and the thresholds that follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.features import softmax

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


def log_loss(logits: FloatMatrix, targets: Indices) -> tuple[float, float]:
    """Least mean negative log-likelihood over temperatures, and the temperature that gives it
    (Guo et al., 2017)."""
    losses = [_loss(logits / t, targets) for t in _TEMPERATURES]
    best = int(np.argmin(losses))
    return losses[best], float(_TEMPERATURES[best])


def calibrate(
    probabilities: FloatMatrix,
    targets: Indices,
    *,
    temperature: float,
    categories: int,
    precision: float,
    second: float,
) -> Calibration:
    """Thresholds as the least that reach the precisions, from held-out probabilities (n, classes).

    Only the first `categories` classes count as labels; where another class wins, none is given.
    """
    guess = probabilities.argmax(axis=1)
    right = guess == targets
    confidence = probabilities.max(axis=1) * (guess < categories)
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


def _loss(logits: FloatMatrix, targets: Indices) -> float:
    probabilities = softmax(np.asarray(logits, dtype=np.float32))
    chosen = probabilities[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-9)).mean())
