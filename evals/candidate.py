"""Whether a changed prompt, taxonomy, bank, threshold or rule set may take production's place.

Both are asked about the same golden cases; nothing of the product is touched.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import NamedTuple

from pydantic import Field

from evals.cases import TaskName
from evals.compare import compare
from evals.gate import gate, verdict_of
from evals.manifest import revision
from evals.model import EXIT_CODES, Check, Comparison, Delta, EvalRun, State, Verdict
from evals.registry import Registry
from evals.state import State as Parts
from evals.subject import Subject
from evals.thresholds import Thresholds
from service.domain.base import Frozen, Instant
from service.domain.quality import Agreement


class Change(Frozen):
    """A measure before and after; the interval is of the difference."""

    baseline: float
    candidate: float
    low: float
    high: float
    n: int


class Regression(Frozen):
    """A case the candidate does worse on."""

    task: TaskName
    case: str
    metric: str
    baseline: float
    candidate: float


class CandidateVerdict(Frozen):
    """Whether a candidate may take production's place, with the proof. Keys of `figures` are
    `task.measure[slice]`."""

    subject: str
    baseline_hash: str
    candidate_hash: str
    verdict: State
    reasons: tuple[str, ...]
    figures: dict[str, Change]
    regressions: tuple[Regression, ...]
    revision: str
    at: Instant
    cases: dict[TaskName, int]
    writer: str = Field("", description="Who wrote the drafts, where there are any.")

    @property
    def exit_code(self) -> int:
        """0 only for a pass."""
        return EXIT_CODES[self.verdict]


class Pair(NamedTuple):
    """The same cases asked of production and of the candidate, scored."""

    baseline: EvalRun
    candidate: EvalRun


def judge(
    pairs: Sequence[Pair],
    thresholds: Thresholds,
    registry: Registry,
    agreements: Sequence[Agreement] = (),
    *,
    few: bool = False,
) -> Verdict:
    """The gate over the candidate's runs, with production's as the baseline.

    A bar production misses as well does not hold the candidate up, unless it guards against what
    is dangerous: what is worse than production shows as a regression. `agreements`: see `gate`.
    Where `few` cases are expected, what none of them asks holds nothing up either.
    """
    before = {pair.baseline.manifest.task: pair.baseline for pair in pairs}
    missed = [
        check
        for check in gate(before.values(), before, thresholds, registry, agreements).checks
        if check.state != "pass"
    ]
    known = {_key(one) for one in missed if one.name not in _absolute(thresholds, one.task)}
    unasked = {_key(one) for one in missed if few and one.state == "inconclusive"}
    found = gate([pair.candidate for pair in pairs], before, thresholds, registry, agreements)
    checks = (_excused(_unasked(check, unasked), known) for check in found.checks)
    return verdict_of(checks, found.ignored)


_Key = tuple[TaskName, str, str]


def _key(check: Check) -> _Key:
    return check.task, check.kind, check.name


def _unasked(check: Check, unasked: Container[_Key]) -> Check:
    if check.state != "inconclusive" or _key(check) not in unasked:
        return check
    detail = f"{check.detail}; of production neither"
    return check.model_copy(update={"state": "pass", "detail": detail})


def _absolute(thresholds: Thresholds, task: TaskName) -> tuple[str, ...]:
    bars = thresholds.tasks.get(task)
    return bars.absolute if bars else ()


def _excused(check: Check, known: Container[_Key]) -> Check:
    excusable = check.kind in ("bar", "gap") and check.state != "pass"
    if not excusable or _key(check) not in known:
        return check
    detail = f"{check.detail}; production misses it as well"
    return check.model_copy(update={"state": "pass", "detail": detail})


def told(
    subject: Subject,
    states: tuple[Parts, Parts],
    pairs: Sequence[Pair],
    verdict: Verdict,
    registry: Registry,
    at: Instant,
) -> CandidateVerdict:
    """The verdict as the product keeps it; `states` are production and candidate."""
    comparisons = [compare(pair.baseline, pair.candidate, registry) for pair in pairs]
    writers = [pair.candidate.manifest.versions.get("writer", "") for pair in pairs]
    return CandidateVerdict(
        subject=str(subject),
        baseline_hash=subject.digest(states[0]),
        candidate_hash=subject.digest(states[1]),
        verdict=verdict.state,
        reasons=tuple(_reasons(verdict.checks)),
        figures=dict(_figures(comparisons)),
        regressions=tuple(_regressions(comparisons)),
        revision=_revision(),
        at=at,
        cases={pair.candidate.manifest.task: len(pair.candidate.samples) for pair in pairs},
        writer=next(filter(None, writers), ""),
    )


def undecided(
    subject: Subject, states: tuple[Parts, Parts], reason: str, at: Instant
) -> CandidateVerdict:
    """No case can tell; the reason says why."""
    return _without_runs(subject, states, "inconclusive", reason, at)


def unchanged(subject: Subject, states: tuple[Parts, Parts], at: Instant) -> CandidateVerdict:
    """The candidate is what production has."""
    return _without_runs(subject, states, "pass", "It is the same as what is in production.", at)


def _without_runs(
    subject: Subject,
    states: tuple[Parts, Parts],
    verdict: State,
    reason: str,
    at: Instant,
) -> CandidateVerdict:
    return CandidateVerdict(
        subject=str(subject),
        baseline_hash=subject.digest(states[0]),
        candidate_hash=subject.digest(states[1]),
        verdict=verdict,
        reasons=(reason,),
        figures={},
        regressions=(),
        revision=_revision(),
        at=at,
        cases={},
    )


def _revision() -> str:
    """The commit, or the release where there is no checkout."""
    return revision() or f"huiyin {version('huiyin')}"


def _reasons(checks: Iterable[Check]) -> Iterator[str]:
    """What failed, then what could not be decided."""
    for state in ("fail", "inconclusive"):
        for check in checks:
            if check.state == state:
                yield f"{state}: {check.task} {check.kind} {check.name}: {check.detail}"


def _figures(comparisons: Iterable[Comparison]) -> Iterator[tuple[str, Change]]:
    for found in comparisons:
        for one in filter(_telling, found.deltas):
            yield (
                f"{found.task}.{one.metric}[{one.slice}]",
                Change(**one.model_dump(include=_SHOWN)),
            )


def _telling(delta: Delta) -> bool:
    return delta.whole or delta.own or delta.difference != 0


def _regressions(comparisons: Iterable[Comparison]) -> Iterator[Regression]:
    for found in comparisons:
        for one in found.regressions:
            yield Regression(task=found.task, case=one.sample_id, **one.model_dump(exclude=_ID))


_SHOWN, _ID = set(Change.model_fields), {"sample_id"}
