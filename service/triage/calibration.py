"""From held-out scores to probabilities one can rely on, and the thresholds that follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.features import softmax

ASSURANCE = 0.95
"""How sure a precision must be: its one-sided lower bound is held to what is wanted."""

_TEMPERATURES = np.geomspace(0.02, 3.0, 80)
_SMALLEST = 0.05
"""Share of texts below which a threshold is not worth the chance of a lucky streak."""

_NEVER = 2.0
"""A threshold no confidence reaches."""

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Calibration:
    """Measured on held-out examples: `threshold` is the confidence from which labels are given,
    `precision` and `coverage` what it bought (1 and 0 where none is given), `accuracy` that of all
    guesses; `second` is the confidence a part of a text needs to add a label."""

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
    """Thresholds as the least that surely reach the precisions, from held-out probabilities
    (n, classes).

    A precision counts as reached where its lower bound is at least that (Clopper and Pearson,
    1934): a share of few texts is high by luck too often. Only the first `categories` classes
    count as labels; where another class wins, none is given.
    """
    guess = probabilities.argmax(axis=1)
    right = guess == targets
    confidence = probabilities.max(axis=1) * (guess < categories)
    order = np.argsort(-confidence, kind="stable")
    ranked, hits = confidence[order], np.cumsum(right[order])
    surely = _lower_bounds(hits)
    kept = _kept(surely, precision)
    return Calibration(
        temperature=temperature,
        threshold=_threshold(ranked, kept),
        second=_threshold(ranked, _kept(surely, second)),
        precision=float(hits[kept - 1] / kept) if kept else 1.0,
        coverage=kept / len(order),
        accuracy=float(right.mean()),
    )


def _lower_bounds(hits: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the share right among the first 1, 2, ... texts, from how many of them are."""
    from scipy.special import betaincinv

    texts = np.arange(1, len(hits) + 1)
    some = betaincinv(np.maximum(hits, 1), texts - hits + 1, 1 - ASSURANCE)
    return np.where(hits > 0, some, 0.0)


def _kept(surely: NDArray[np.float64], wanted: float) -> int:
    """The most texts that can be kept while the precision is surely reached; 0 where none can."""
    reached = np.flatnonzero(surely >= wanted)
    kept = int(reached[-1]) + 1 if len(reached) else 0
    return kept if kept >= _SMALLEST * len(surely) else 0


def _threshold(ranked: NDArray[np.floating], kept: int) -> float:
    return float(ranked[kept - 1]) if kept else _NEVER


def _loss(logits: FloatMatrix, targets: Indices) -> float:
    probabilities = softmax(np.asarray(logits, dtype=np.float32))
    chosen = probabilities[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-9)).mean())
