"""Does the stated confidence mean what it says, and what could be decided by it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evals.cases import TriageAnswer, TriageExpect
from evals.confidence import (
    Confidences,
    Rights,
    abstention_curve,
    calibration_error,
    kept_at,
    reliability,
)
from evals.model import Figure
from evals.registry import Answered, total_scorer
from evals.scoring import unpack
from evals.slices import by_draw, by_language, by_owner


@total_scorer("triage", "calibration")
def calibration(cases: Sequence[Answered]) -> Iterator[Figure]:
    """`ece`: expected calibration error of the best guess. `coverage_97`: share of cases that could
    be kept with 97% of them right. An abstention's best guess counts, so nothing is hidden."""
    for slice_name, members in (*by_language(cases), *by_draw(cases), *by_owner(cases)):
        confidence, right = guesses(members)
        count = len(right)
        error = calibration_error(reliability(confidence, right))
        yield Figure(metric="ece", slice=slice_name, value=error, n=count)
        kept = kept_at(abstention_curve(confidence, right))
        coverage = (kept.coverage if kept else 0.0) if count else None
        yield Figure(metric="coverage_97", slice=slice_name, value=coverage, n=count)


def guesses(cases: Sequence[Answered]) -> tuple[Confidences, Rights]:
    """Confidence in the best guess of each case that expects a category or an abstention, and
    whether it was right; where nothing can be said every guess is wrong."""
    points = [point for case in cases if (point := _point(case)) is not None]
    confidence = np.array([confidence for confidence, _ in points], dtype=np.float64)
    return confidence, np.array([right for _, right in points], dtype=np.bool_)


def _point(case: Answered) -> tuple[float, bool] | None:
    _, expect, answer = unpack(case, TriageExpect, TriageAnswer)
    if answer.best is None or not (expect.categories or expect.abstain):
        return None
    return answer.best.sure, answer.best.category in expect.categories
