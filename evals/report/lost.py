"""The cases behind a figure: which lost points in a measure."""

from __future__ import annotations

from typing import NamedTuple

from evals.model import EvalRun


class Behind(NamedTuple):
    """Every case that lost points in a measure, with its value, in the order of the run."""

    metric: str
    cases: tuple[tuple[str, float], ...]


def behind(run: EvalRun) -> tuple[Behind, ...]:
    """A list per measure that any case lost points in; unscored cases lost none."""
    lost: dict[str, list[tuple[str, float]]] = {}
    for score in run.scores:
        if score.value is not None and score.value < 1:
            lost.setdefault(score.metric, []).append((score.sample_id, score.value))
    return tuple(Behind(metric, tuple(cases)) for metric, cases in lost.items())
