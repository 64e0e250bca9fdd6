"""May this go live: absolute bars, parity of languages, no loss against the baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from evals.cases import TaskName
from evals.compare import compare
from evals.model import Check, Comparison, EvalRun, Figure, State, Verdict
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
    yield from _gaps(run, bars)
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
        if score.unscored and score.unscored.startswith(("harness: ", CRASHED))
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


def _gaps(run: EvalRun, bars: TaskBars) -> Iterator[Check]:
    for metric, bar in bars.gap.items():
        values = [_value(run.figure(metric, f"lang:{lang}")) for lang in ("zh", "en")]
        zh, en = values
        if zh is None or en is None:
            yield _check(run, "gap", metric, "inconclusive", "one language has no figure")
            continue
        state: State = "pass" if abs(zh - en) <= bar else "fail"
        yield _check(
            run, "gap", metric, state, f"zh {zh:.3f}, en {en:.3f}, at most {bar:.3f} apart"
        )


def _value(figure: Figure | None) -> float | None:
    return figure.value if figure else None


def _regressions(run: EvalRun, comparison: Comparison, bars: TaskBars) -> Iterator[Check]:
    for metric in bars.regression:
        deltas = [delta for delta in comparison.deltas if delta.metric == metric]
        if not deltas:
            yield _check(run, "regression", metric, "inconclusive", "not scored in both runs")
        for delta in deltas:
            state: State = "fail" if delta.regressed else "pass"
            detail = f"{delta.difference:+.3f} [{delta.low:+.3f}, {delta.high:+.3f}], n={delta.n}"
            yield _check(run, "regression", f"{metric} ({delta.slice})", state, detail)
