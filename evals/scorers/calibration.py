"""Does the stated confidence mean what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from evals.cases import TriageAnswer, TriageExpect
from evals.model import Figure
from evals.registry import Answered, total_scorer
from evals.scoring import unpack
from evals.slices import by_language

BINS = 10


class Bin(NamedTuple):
    """Cases of one confidence range: mean confidence, share right, count."""

    confidence: float
    accuracy: float
    n: int


@total_scorer("triage", "calibration")
def calibration(cases: Sequence[Answered]) -> Iterator[Figure]:
    """`ece`: expected calibration error of the best guess, ten equal-width bins (Guo et al. 2017);
    an abstention's best guess counts too, so nothing is hidden."""
    for slice_name, members in by_language(cases):
        bins = reliability(members)
        total = sum(item.n for item in bins)
        error = sum(item.n * abs(item.confidence - item.accuracy) for item in bins)
        value = error / total if total else None
        yield Figure(metric="ece", slice=slice_name, value=value, n=total)


def reliability(cases: Sequence[Answered]) -> tuple[Bin, ...]:
    """Confidence against accuracy, bin by bin, empty bins left out."""
    points = [point for case in cases if (point := _point(case)) is not None]
    if not points:
        return ()
    confidence, correct = np.array(points, dtype=np.float64).T
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    members = (place == number for number in range(BINS))
    return tuple(
        Bin(float(confidence[rows].mean()), float(correct[rows].mean()), int(rows.sum()))
        for rows in members
        if rows.any()
    )


def _point(case: Answered) -> tuple[float, bool] | None:
    _, expect, answer = unpack(case, TriageExpect, TriageAnswer)
    if answer.best is None or not (expect.categories or expect.abstain):
        return None
    return answer.best.sure, answer.best.category in expect.categories
