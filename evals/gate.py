"""May this go live: absolute bars, parity of languages, no loss against the baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from evals.cases import TaskName
from evals.compare import compare, fallen
from evals.model import HARNESS, Check, Comparison, EvalRun, State, Verdict
from evals.parity import Gap, gap_of
from evals.registry import Registry
from evals.score import CRASHED, score_run
from evals.stability import STABILITY
from evals.thresholds import TaskBars, Thresholds


def gate(
    runs: Iterable[EvalRun],
    baselines: Mapping[TaskName, EvalRun],
    thresholds: Thresholds,
    registry: Registry,
) -> Verdict:
    """Check scored runs; baselines are scored again with the present scorers first.

    A failed check fails the gate; else one that could not be decided makes it inconclusive.
    """
    return verdict_of(
        check for run in runs for check in _task_checks(run, baselines, thresholds, registry)
    )


def verdict_of(found: Iterable[Check]) -> Verdict:
    """What the checks come to."""
    checks = tuple(found)
    states = {check.state for check in checks}
    undecided = "inconclusive" in states or not checks
    state: State = "fail" if "fail" in states else "inconclusive" if undecided else "pass"
    return Verdict(state=state, checks=checks)


def _task_checks(
    run: EvalRun,
    baselines: Mapping[TaskName, EvalRun],
    thresholds: Thresholds,
    registry: Registry,
) -> Iterator[Check]:
    task = run.manifest.task
    bars = thresholds.tasks.get(task, TaskBars())
    yield _complete(run, thresholds)
    yield from _bars(run, bars, thresholds.min_cases)
    yield from _stable(run, bars, thresholds.min_cases)
    yield from _gaps(run, bars, registry)
    baseline = baselines.get(task)
    if baseline is None:
        detail = "no baseline is stored; run `python -m evals all --set-baseline`"
        yield _check(run, "regression", "baseline", "inconclusive", detail)
    else:
        yield from _regressions(run, compare(score_run(baseline, registry), run, registry), bars)


def _check(
    run: EvalRun,
    kind: Literal["bar", "gap", "regression", "completeness"],
    name: str,
    state: State,
    detail: str,
) -> Check:
    return Check(task=run.manifest.task, kind=kind, name=name, state=state, detail=detail)


def _complete(run: EvalRun, thresholds: Thresholds) -> Check:
    """Cases the harness lost or a scorer crashed on are unproven, not wrong."""
    lost = {
        score.sample_id
        for score in run.scores
        if score.unscored and score.unscored.startswith((HARNESS, CRASHED))
    }
    share = len(lost) / len(run.samples)
    state: State = "pass" if share <= thresholds.max_harness_share else "inconclusive"
    detail = f"{len(lost)} of {len(run.samples)} cases lost by the harness"
    return _check(run, "completeness", "harness", state, detail)


def _bars(run: EvalRun, bars: TaskBars, min_cases: int) -> Iterator[Check]:
    for metric, bar in bars.at_least.items():
        yield _bar(run, metric, bar, 1.0, min_cases)
    for metric, bar in bars.at_most.items():
        yield _bar(run, metric, bar, -1.0, min_cases)


def _stable(run: EvalRun, bars: TaskBars, min_cases: int) -> Iterator[Check]:
    if run.repeats and bars.stability is not None:
        yield _bar(run, STABILITY, bars.stability, 1.0, min_cases)


def _bar(run: EvalRun, metric: str, bar: float, sign: float, min_cases: int) -> Check:
    figure = run.figure(metric)
    if figure is None or figure.value is None:
        return _check(run, "bar", metric, "inconclusive", "no case was scored")
    detail = f"{figure.value:.3f}, bar {'≥' if sign > 0 else '≤'} {bar:.3f}, n={figure.n}"
    if sign * figure.value < sign * bar:
        return _check(run, "bar", metric, "fail", detail)
    if figure.n < min_cases:
        return _check(run, "bar", metric, "inconclusive", f"{detail}, {min_cases} are needed")
    return _check(run, "bar", metric, "pass", detail)


def _gaps(run: EvalRun, bars: TaskBars, registry: Registry) -> Iterator[Check]:
    for metric, bar in bars.gap.items():
        gap = gap_of(run, metric, registry)
        if gap is None:
            yield _check(run, "gap", metric, "inconclusive", "one language has no figure")
            continue
        told = f"zh {gap.zh:.3f}, en {gap.en:.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"
        detail = f"{told} on {gap.n} {gap.over}, at most {bar:.3f} apart"
        yield _check(run, "gap", metric, _parity(gap, bar), detail)


def _parity(gap: Gap, bar: float) -> State:
    """A gap above the bar that may be chance is not proven, and not excused."""
    if abs(gap.zh - gap.en) <= bar:
        return "pass"
    return "fail" if gap.low > 0 or gap.high < 0 else "inconclusive"


def _regressions(run: EvalRun, comparison: Comparison, bars: TaskBars) -> Iterator[Check]:
    """The measures named, in every slice; of the slices that are no whole, those that fell."""
    named = bars.regression + (bars.written if run.asked else ())
    scored = {delta.metric for delta in comparison.deltas}
    for metric in named:
        if metric not in scored:
            yield _check(run, "regression", metric, "inconclusive", "not scored in both runs")
    family = [delta for delta in comparison.deltas if delta.metric in named]
    for delta, worse in zip(family, fallen(family), strict=True):
        if not (delta.whole or worse):
            continue
        state: State = "fail" if worse else "pass"
        span = f"{delta.difference:+.3f} [{delta.low:+.3f}, {delta.high:+.3f}]"
        tests = sum(one.whole is delta.whole for one in family)
        detail = f"{span}, p {delta.fall:.4f} of {tests} tests, n={delta.n}"
        yield _check(run, "regression", f"{delta.metric} ({delta.slice})", state, detail)
