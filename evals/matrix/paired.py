"""Cells beside the reference, case by case, and what differs beyond chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evals.matrix.model import Cell, Difference, Moved, is_shown
from evals.model import EvalRun
from evals.slices import slices_of
from evals.stats import bootstrap_mean, fall_of_mean, holm, mcnemar

Values = Mapping[str, float]


def differences(reference: EvalRun, run: EvalRun, measures: Sequence[str]) -> Iterator[Difference]:
    """Each measure over all cases, in each language and over a community's own cases, on those both
    scored; McNemar's exact test where values are right or wrong, else a bootstrap of the paired
    gains."""
    slices = {sample.id: slices_of(sample) for sample in run.samples}
    shown = sorted({name for names in slices.values() for name in filter(is_shown, names)})
    for metric in measures:
        before, after = values(reference, metric), values(run, metric)
        for name in shown:
            ids = [key for key in before if key in after and name in slices.get(key, ())]
            if ids:
                old, new = (np.array([of[key] for key in ids]) for of in (before, after))
                yield _difference(metric, name, old, new, run.manifest.seed)


def moved(reference: EvalRun, run: EvalRun, measures: Sequence[str]) -> Iterator[Moved]:
    """Cases with another value than in the reference."""
    for metric in measures:
        before, after = values(reference, metric), values(run, metric)
        for key in before:
            if key in after and before[key] != after[key]:
                yield Moved(sample_id=key, metric=metric, before=before[key], after=after[key])


def corrected(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells with a word on each difference: all of a matrix are one family (Holm). Where no
    case changed nothing could stand out, so it is no test (Tarone 1990)."""
    standing = iter(holm([one.p for cell in cells for one in cell.differences if one.changed]))

    def worded(one: Difference) -> Difference:
        beyond = one.changed > 0 and next(standing)
        word = ("better" if one.difference > 0 else "worse") if beyond else "same"
        return one.model_copy(update={"word": word})

    return tuple(
        cell.model_copy(update={"differences": tuple(map(worded, cell.differences))})
        for cell in cells
    )


def values(run: EvalRun, metric: str) -> dict[str, float]:
    """Case id to value, scored ones only."""
    found = (one for one in run.scores if one.metric == metric)
    return {one.sample_id: one.value for one in found if one.value is not None}


def _difference(
    metric: str, name: str, old: NDArray[np.float64], new: NDArray[np.float64], seed: int
) -> Difference:
    gains = new - old
    low, high, p = 0.0, 0.0, 1.0
    if gains.any():
        low, high = bootstrap_mean(gains, seed=seed)
        p = _chance(old, new, gains, seed)
    return Difference(
        metric=metric,
        slice=name,
        difference=float(gains.mean()),
        low=low,
        high=high,
        p=p,
        n=len(gains),
        changed=int(np.count_nonzero(gains)),
    )


def _chance(
    old: NDArray[np.float64], new: NDArray[np.float64], gains: NDArray[np.float64], seed: int
) -> float:
    """Two-sided."""
    if np.isin(np.concatenate((old, new)), (0.0, 1.0)).all():
        return mcnemar(int((gains < 0).sum()), int((gains > 0).sum()))
    return min(1.0, 2 * min(fall_of_mean(gains, seed=seed), fall_of_mean(-gains, seed=seed)))
