"""The cases behind a figure: which lost points in a measure, and how long answers took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evals.model import EvalRun


class Behind(NamedTuple):
    """Every case that lost points in a measure, with its value, in the order of the run."""

    metric: str
    cases: tuple[tuple[str, float], ...]


class Waits(NamedTuple):
    """Seconds an answer took: median, and what 95 % stayed below, over `n` timed answers."""

    median: float
    most: float
    n: int


def behind(run: EvalRun) -> tuple[Behind, ...]:
    """A list per measure that any case lost points in; unscored cases lost none."""
    lost: dict[str, list[tuple[str, float]]] = {}
    for score in run.scores:
        if score.value is not None and score.value < 1:
            lost.setdefault(score.metric, []).append((score.sample_id, score.value))
    return tuple(Behind(metric, tuple(cases)) for metric, cases in lost.items())


def waits(run: EvalRun) -> Waits | None:
    """None where nothing was timed. Tasks that ask in chunks share a chunk's time evenly."""
    timed: Sequence[float] = [one.seconds for one in run.outputs if one.answer and one.seconds]
    if not timed:
        return None
    median, most = np.quantile(timed, (0.5, 0.95))
    return Waits(float(median), float(most), len(timed))
