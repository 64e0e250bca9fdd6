"""What stated confidence is worth: reliability, calibration error, and what abstention buys.

Every function takes the confidence in each best guess, shape (n,), and whether it was right,
shape (n,).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 10

RIGHT = 0.97
"""What is decided without a person must be right this often."""

Confidences = NDArray[np.floating]
Rights = NDArray[np.bool_]


class Bin(NamedTuple):
    """Cases of one confidence range: mean confidence, share right, count."""

    confidence: float
    accuracy: float
    n: int


class Kept(NamedTuple):
    """What keeping only guesses of `confidence` and above leaves: share of all cases, and how many
    of those are right."""

    confidence: float
    coverage: float
    accuracy: float


def reliability(confidence: Confidences, right: Rights) -> tuple[Bin, ...]:
    """Confidence against accuracy in ten bins of equal width, empty ones left out."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    members = (place == number for number in range(BINS))
    return tuple(
        Bin(float(confidence[rows].mean()), float(right[rows].mean()), int(rows.sum()))
        for rows in members
        if rows.any()
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error (Guo et al., 2017); None without cases."""
    total = sum(item.n for item in bins)
    error = sum(item.n * abs(item.confidence - item.accuracy) for item in bins)
    return error / total if total else None


def abstention_curve(confidence: Confidences, right: Rights) -> tuple[Kept, ...]:
    """What each possible threshold keeps, the strictest first; equal confidences stay together."""
    order = np.argsort(-confidence, kind="stable")
    ranked, hits = confidence[order], np.cumsum(right[order])
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)])
    return tuple(
        Kept(float(ranked[at]), float((at + 1) / len(ranked)), float(hits[at] / (at + 1)))
        for at in last
    )


def kept_at(curve: Sequence[Kept], accuracy: float = RIGHT) -> Kept | None:
    """The most that can be kept while the kept are right this often; None where nothing can.

    The threshold is chosen on the very cases it is judged on, so new ones fare a little worse.
    """
    reached = [kept for kept in curve if kept.accuracy >= accuracy]
    return reached[-1] if reached else None
