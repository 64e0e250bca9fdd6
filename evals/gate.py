"""May this go live: absolute bars, parity of languages, no loss against the baseline."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from evals.cases import TaskName
from evals.compare import compare, fallen, own_moved
from evals.judges.trust import ignored, judge_checks
from evals.model import HARNESS, OVERALL, Check, CheckKind, Comparison, EvalRun, State, Verdict
from evals.parity import Gap, gap_of
from evals.registry import Registry
from evals.score import CRASHED, score_run
from evals.stability import STABILITY
from evals.stats import ALPHA
from evals.thresholds import TaskBars, Thresholds
from service.domain.quality import Agreement

OWN_CASES = "own cases"
"""Name of the check over a community's own cases."""

MAX_NAMED = 10
"""Own cases named where they went worse."""


def gate(
    runs: Iterable[EvalRun],
    baselines: Mapping[TaskName, EvalRun],
    thresholds: Thresholds,
    registry: Registry,
    agreements: Sequence[Agreement] = (),
) -> Verdict:
    """Check scored runs; baselines are scored again with the present scorers first.

    A failed check fails the gate; else one that could not be decided makes it inconclusive. Judges
    count where `agreements` with people bear them out; the others are ignored by name.
    """
    runs = tuple(runs)
    checks = (
        check
        for run in runs
        for check in _task_checks(run, baselines, thresholds, registry, agreements)
    )
    return verdict_of(checks, (line for run in runs for line in ignored(run, agreements)))


def verdict_of(found: Iterable[Check], ignored: Iterable[str] = ()) -> Verdict:
    """What the checks come to."""
    checks = tuple(found)
    states = {check.state for check in checks}
    undecided = "inconclusive" in states or not checks
    state: State = "fail" if "fail" in states else "inconclusive" if undecided else "pass"
    return Verdict(state=state, checks=checks, ignored=tuple(ignored))


def _task_checks(
    run: EvalRun,
    baselines: Mapping[TaskName, EvalRun],
    thresholds: Thresholds,
    registry: Registry,
    agreements: Sequence[Agreement],
) -> Iterator[Check]:
    task = run.manifest.task
    bars = thresholds.tasks.get(task, TaskBars())
    baseline = baselines.get(task)
    scored = score_run(baseline, registry) if baseline else None
    comparison = compare(scored, run, registry) if scored else None
    worse = _worse(comparison)
    yield _complete(run, thresholds)
    yield from _bars(run, bars, thresholds.min_cases, worse)
    yield from _stable(run, bars, thresholds.min_cases)
    yield from _gaps(run, bars, registry)
    if comparison is None:
        detail = "no baseline is stored; run `python -m evals all --set-baseline`"
        yield _check(run, "regression", "baseline", "inconclusive", detail)
    else:
        yield from _regressions(run, comparison, bars)
        yield from _own(run, comparison, bars, thresholds)
    yield from judge_checks(run, comparison, scored, bars, thresholds, agreements)


def _worse(comparison: Comparison | None) -> frozenset[str]:
    """Measures that lost over the cases both runs share, by chance or not."""
    deltas = comparison.deltas if comparison else ()
    return frozenset(one.metric for one in deltas if one.slice == OVERALL and one.difference < 0)


def _check(
    run: EvalRun,
    kind: CheckKind,
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


def _bars(run: EvalRun, bars: TaskBars, min_cases: int, worse: Container[str]) -> Iterator[Check]:
    for sign, given in ((1.0, bars.at_least), (-1.0, bars.at_most)):
        for metric, bar in given.items():
            yield _bar(run, metric, bar, sign, min_cases, worse=metric in worse)


def _stable(run: EvalRun, bars: TaskBars, min_cases: int) -> Iterator[Check]:
    if run.repeats and bars.stability is not None:
        yield _bar(run, STABILITY, bars.stability, 1.0, min_cases)


def _bar(
    run: EvalRun, metric: str, bar: float, sign: float, min_cases: int, *, worse: bool = False
) -> Check:
    """Too few cases prove nothing either way, unless production did better on the same ones."""
    figure = run.figure(metric)
    if figure is None or figure.value is None:
        return _check(run, "bar", metric, "inconclusive", "no case was scored")
    detail = f"{figure.value:.3f}, bar {'≥' if sign > 0 else '≤'} {bar:.3f}, n={figure.n}"
    missed, few = sign * figure.value < sign * bar, figure.n < min_cases
    if missed and (worse or not few):
        return _check(run, "bar", metric, "fail", detail)
    if few:
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
    named = _named(run, bars)
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


def _own(
    run: EvalRun, comparison: Comparison, bars: TaskBars, thresholds: Thresholds
) -> Iterator[Check]:
    """Cases that people grew: one exact test over them all. A large loss that may be chance is not
    proven, and not excused."""
    found = own_moved(run, comparison, _named(run, bars))
    if not found.n:
        return
    worse = len(found.worse)
    share = (worse - found.better) / found.n
    state: State = "inconclusive" if share > thresholds.max_own_loss else "pass"
    state = "fail" if found.fall < ALPHA else state
    named = f": {', '.join(found.worse[:MAX_NAMED])}" if worse else ""
    told = f"{worse} of {found.n} went worse, {found.better} better, p {found.fall:.4f}"
    yield _check(run, "regression", OWN_CASES, state, told + named)


def _named(run: EvalRun, bars: TaskBars) -> tuple[str, ...]:
    """Measures that must not fall."""
    return bars.regression + (bars.written if run.asked else ())
