"""Two runs of one task, case by case: what changed beyond chance, and where."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evals.errors import RunMismatch
from evals.judged import PREFIX, same_judge
from evals.model import OVERALL, CaseChange, Comparison, Delta, EvalRun, is_whole
from evals.registry import Answered, Registry, TotalScorer
from evals.score import answered
from evals.slices import slices_of
from evals.stats import (
    Spread,
    bootstrap_mean,
    bootstrap_of,
    fall_of_mean,
    fall_of_share,
    fall_of_total,
    holm,
    mcnemar,
)

LOWER_IS_BETTER = frozenset({"ece", "spillover", "unclustered"})
"""Measures where less is better; every difference is turned so that positive means better."""

TOTAL_RESAMPLES = 200


class _Pairs(NamedTuple):
    """Values of one measure on the cases both runs scored, in the same order."""

    ids: tuple[str, ...]
    baseline: NDArray[np.float64]
    candidate: NDArray[np.float64]


def compare(baseline: EvalRun, candidate: EvalRun, registry: Registry) -> Comparison:
    """Compare scored runs on the cases that are word for word the same in both.

    Raises:
        RunMismatch: the runs are of different tasks or share no case.
    """
    if baseline.manifest.task != candidate.manifest.task:
        raise RunMismatch("The runs are of different tasks; compare runs of the same one.")
    shared = _shared(baseline, candidate)
    if not shared:
        raise RunMismatch("The runs share no case; make a new baseline.")
    baseline, candidate = _by_same_judges(baseline, candidate)
    cases = tuple(_case_deltas(baseline, candidate, shared))
    totals = tuple(_total_deltas(baseline, candidate, shared, registry))
    changes = tuple(_changes(baseline, candidate, shared))
    return Comparison(
        task=candidate.manifest.task,
        baseline=baseline.manifest.id,
        candidate=candidate.manifest.id,
        shared=len(shared),
        only_baseline=len(baseline.samples) - len(shared),
        only_candidate=len(candidate.samples) - len(shared),
        deltas=cases + totals,
        regressions=tuple(c for c in changes if c.candidate < c.baseline),
        improvements=tuple(c for c in changes if c.candidate > c.baseline),
    )


def fallen(deltas: Sequence[Delta]) -> tuple[bool, ...]:
    """Which of them are worse beyond chance.

    Among twenty slices where nothing changed, one would be called worse by chance; so there are two
    families (Holm): all cases with both languages, and every other slice. Many small slices then
    do not hide what the whole shows. A community's own cases are in neither: see `own_moved`.
    """
    worse: dict[int, bool] = {}
    for wanted in (True, False):
        rows = [row for row, one in enumerate(deltas) if one.whole is wanted and not one.own]
        worse |= zip(rows, holm([deltas[row].fall for row in rows]), strict=True)
    return tuple(worse.get(row, False) for row in range(len(deltas)))


class OwnMoved(NamedTuple):
    """Of a community's own cases: how many there are, which went worse, how many went better;
    `fall` is the one-sided chance that so many more went worse."""

    n: int
    worse: tuple[str, ...]
    better: int
    fall: float


def own_moved(run: EvalRun, found: Comparison, metrics: Container[str]) -> OwnMoved:
    """Own cases of the later run that did worse or better in the measures named; one that did both
    counts as neither."""
    own = {sample.id for sample in run.samples if sample.own}

    def moved(changes: Iterable[CaseChange]) -> set[str]:
        return {one.sample_id for one in changes if one.metric in metrics} & own

    down, up = moved(found.regressions), moved(found.improvements)
    worse, better = tuple(sorted(down - up)), len(up - down)
    return OwnMoved(len(own), worse, better, fall_of_share(len(worse), better))


def _shared(baseline: EvalRun, candidate: EvalRun) -> dict[str, tuple[str, ...]]:
    """Shared case ids with their slices."""
    before = {sample.id: sample for sample in baseline.samples}
    return {
        sample.id: slices_of(sample)
        for sample in candidate.samples
        if before.get(sample.id) == sample
    }


def _by_same_judges(baseline: EvalRun, candidate: EvalRun) -> tuple[EvalRun, EvalRun]:
    """Without the words of judges that did not judge both runs: those are two measures."""
    known = same_judge(baseline.judged, candidate.judged)
    lang = {sample.id: sample.lang for run in (baseline, candidate) for sample in run.samples}

    def kept(run: EvalRun) -> EvalRun:
        scores = (
            one
            for one in run.scores
            if not one.metric.startswith(PREFIX) or (one.metric, lang[one.sample_id]) in known
        )
        return run.model_copy(update={"scores": tuple(scores)})

    return kept(baseline), kept(candidate)


def _values(run: EvalRun) -> dict[str, dict[str, float]]:
    """Metric to case id to value, scored ones only."""
    table: dict[str, dict[str, float]] = {}
    for score in run.scores:
        if score.value is not None:
            table.setdefault(score.metric, {})[score.sample_id] = score.value
    return table


def _case_deltas(
    baseline: EvalRun, candidate: EvalRun, shared: dict[str, tuple[str, ...]]
) -> Iterator[Delta]:
    before, after = _values(baseline), _values(candidate)
    for metric in sorted(before.keys() & after.keys()):
        for name in sorted({name for names in shared.values() for name in names}):
            ids = tuple(
                key
                for key, names in shared.items()
                if name in names and key in before[metric] and key in after[metric]
            )
            if ids:
                yield _delta(metric, name, _pairs(ids, before[metric], after[metric]), candidate)


def _pairs(ids: tuple[str, ...], before: dict[str, float], after: dict[str, float]) -> _Pairs:
    old, new = ([table[key] for key in ids] for table in (before, after))
    return _Pairs(ids, np.array(old), np.array(new))


def _delta(metric: str, name: str, pairs: _Pairs, run: EvalRun) -> Delta:
    gains = pairs.candidate - pairs.baseline
    seed, binary = run.manifest.seed, _right_or_wrong(pairs)
    lost, gained = int((gains < 0).sum()), int((gains > 0).sum())
    low, high, fall = 0.0, 0.0, 1.0
    if lost or gained:
        low, high = bootstrap_mean(gains, seed=seed)
        fall = fall_of_share(lost, gained) if binary else fall_of_mean(gains, seed=seed)
    return Delta(
        metric=metric,
        slice=name,
        baseline=float(pairs.baseline.mean()),
        candidate=float(pairs.candidate.mean()),
        difference=float(gains.mean()),
        low=low,
        high=high,
        p=mcnemar(lost, gained) if binary else None,
        fall=fall,
        n=len(pairs.ids),
    )


def _right_or_wrong(pairs: _Pairs) -> bool:
    return bool(np.isin(np.concatenate((pairs.baseline, pairs.candidate)), (0.0, 1.0)).all())


def _total_deltas(
    baseline: EvalRun, candidate: EvalRun, shared: dict[str, tuple[str, ...]], registry: Registry
) -> Iterator[Delta]:
    before = {case.sample.id: case for case in answered(baseline)}
    after = {case.sample.id: case for case in answered(candidate)}
    both = [key for key in shared if key in before and key in after]
    for (task, _name), scorer in sorted(registry.total_scorers.items()):
        if task != candidate.manifest.task:
            continue
        for name in filter(is_whole, sorted({n for names in shared.values() for n in names})):
            ids = [key for key in both if name in shared[key]]
            pairs = ([before[key] for key in ids], [after[key] for key in ids])
            if delta := _total_delta(scorer, name, pairs, candidate.manifest.seed):
                yield delta


def _total_delta(
    scorer: TotalScorer, name: str, pairs: tuple[list[Answered], list[Answered]], seed: int
) -> Delta | None:
    old, new = (overall(scorer, cases) for cases in pairs)
    if old is None or new is None:
        return None
    metric, sign = old[0], -1.0 if old[0] in LOWER_IS_BETTER else 1.0

    def gain(rows: NDArray[np.int64]) -> float:
        drawn = [overall(scorer, [cases[row] for row in rows]) for cases in pairs]
        return sign * (drawn[1][1] - drawn[0][1]) if drawn[0] and drawn[1] else 0.0

    same = all(a.answer == b.answer for a, b in zip(*pairs, strict=True))
    count, difference = len(pairs[0]), sign * (new[1] - old[1])
    low, high, error = Spread(0.0, 0.0, 0.0)
    if not same:
        low, high, error = bootstrap_of(gain, count, seed=seed, resamples=TOTAL_RESAMPLES)
    return Delta(
        metric=metric,
        slice=name,
        baseline=old[1],
        candidate=new[1],
        difference=difference,
        low=low,
        high=high,
        p=None,
        fall=fall_of_total(difference, error),
        n=count,
    )


def overall(scorer: TotalScorer, cases: Sequence[Answered]) -> tuple[str, float] | None:
    """The scorer's metric and its value over all cases given."""
    for figure in scorer(cases):
        if figure.slice == OVERALL and figure.value is not None:
            return figure.metric, figure.value
    return None


def _changes(
    baseline: EvalRun, candidate: EvalRun, shared: dict[str, tuple[str, ...]]
) -> Iterator[CaseChange]:
    before, after = _values(baseline), _values(candidate)
    for metric in sorted(before.keys() & after.keys()):
        for key in before[metric].keys() & after[metric].keys() & shared.keys():
            old, new = before[metric][key], after[metric][key]
            if old != new:
                yield CaseChange(sample_id=key, metric=metric, baseline=old, candidate=new)
