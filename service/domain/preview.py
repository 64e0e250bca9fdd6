"""Previews: what a change would make of the community's own recent cases, before it goes live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from service.domain.base import Frozen, Instant
from service.domain.evaluation import EvaluationStatus, SubjectKind

LONGEST_DAYS = 30
MOST_CASES = 5_000
MOST_ASKED = 100
"""Cases a prompt is tried on; each may take two calls of a model."""

URGENT = 3
"""Severity from which a case is dangerous: high or critical."""

SOON = timedelta(hours=4)
"""A case due within this of its last message presses."""

PreviewStatus = EvaluationStatus


class Window(Frozen):
    """Which cases are replayed: those of the last `days`, newest first, at most `most`."""

    days: int = Field(14, ge=1, le=LONGEST_DAYS)
    most: int = Field(2_000, ge=1, le=MOST_CASES, description="Cases replayed at most.")
    asked: int = Field(
        20, ge=1, le=MOST_ASKED, description="Cases a prompt is tried on; each costs model calls."
    )


class FlipKind(StrEnum):
    """How a case comes out otherwise; the worst first.

    `danger_down`: a high or critical severity falls below high. `hit`: a finding of the phrase
    bank. `clause_other`: another clause leads.
    """

    DANGER_DOWN = "danger_down"
    SEVERITY_DOWN = "severity_down"
    REPLY_REFUSED = "reply_refused"
    CHECK_FAILED = "check_failed"
    RULE_LOST = "rule_lost"
    REPLY_DROPPED = "reply_dropped"
    DEADLINE_LATER = "deadline_later"
    CATEGORY_LOST = "category_lost"
    CATEGORY_OTHER = "category_other"
    OWNER = "owner"
    REPLY_OTHER = "reply_other"
    CLAUSE_OTHER = "clause_other"
    HIT_LOST = "hit_lost"
    SEVERITY_UP = "severity_up"
    DEADLINE_SOONER = "deadline_sooner"
    CATEGORY_FOUND = "category_found"
    REPLY_DUE = "reply_due"
    REPLY_ANSWERED = "reply_answered"
    RULE_FOUND = "rule_found"
    CHECK_MENDED = "check_mended"
    HIT_ADDED = "hit_added"


ANSWERED = "answered"
NOT_DUE = "not_due"


class Reply(Frozen):
    """What became of a reply. `outcome` is `answered`, `not_due` or the kind of a refusal; `checks`
    are the automatic checks that warned of the text."""

    outcome: str
    rule_found: bool = False
    clause: str | None = Field(None, description="Id of the clause that leads.")
    cited: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


class Replayed(Frozen):
    """What would be decided of a case; holds no text. `hits` are findings as `kind:code`, `rule` is
    the routing rule that decided, `reply` None where the change cannot touch it."""

    categories: tuple[str, ...]
    severity: int
    department: str
    due_at: Instant
    rule: str | None = None
    hits: tuple[str, ...] = ()
    reply: Reply | None = None


class PreviewFlip(Frozen):
    """A case that would come out otherwise. A heavier `weight` is shown first."""

    case_id: str
    weight: int
    kinds: tuple[FlipKind, ...]
    before: Replayed
    after: Replayed


class FlipGroup(Frozen):
    """Flips of one kind; `share` is of all cases replayed."""

    kind: FlipKind
    cases: int
    share: float


class Load(Frozen):
    """Work that the replayed cases make.

    `urgent`: severity high or critical. `soon`: due within four hours of the last message.
    `abstained`: left to a person to categorise. `asked`: calls of a model, None without one.
    """

    urgent: int = 0
    soon: int = 0
    replies: int = 0
    abstained: int = 0
    asked: int | None = None


class Spend(Frozen):
    """What calls of a model use; `cost` is in the operator's currency, None where the ledger knows
    no price."""

    calls: int
    tokens: int
    cost: float | None = None


class PromptTrial(Frozen):
    """How a prompt was tried: on `cases` of the `fitting` ones.

    `reused`: stored drafts that answer exactly the prompt in production, which saved a call.
    `unanswered`: pairs where the model gave no usable text; they are no flips. `stopped`: why it
    ended early. `expected` was reckoned from the ledger before, `spent` was used; `before` and
    `after` are tokens a reply, `per_day` what a day of replies would use more or less.
    """

    fitting: int
    cases: int
    reused: int = 0
    unanswered: int = 0
    stopped: str = ""
    expected: Spend
    spent: Spend
    before: float | None = None
    after: float | None = None
    per_day: Spend | None = None


class PreviewFindings(Frozen):
    """What a replay found. `total` is how many cases the days hold; `cases` of them were replayed,
    since `since`; `covered_days` is that span, by which counts become counts a day."""

    cases: int
    messages: int
    total: int
    since: Instant
    covered_days: float
    flips: int
    groups: tuple[FlipGroup, ...] = ()
    before: Load
    after: Load
    categories: Mapping[str, int] = Field(
        default_factory=dict, description="Cases more or fewer, by category; unchanged left out."
    )
    prompt: PromptTrial | None = None
    seconds: float

    @property
    def capped(self) -> bool:
        """Whether the days hold more cases than were replayed."""
        return self.total > self.cases

    def per_day(self, count: float) -> float:
        """A count over the replay as a count a day."""
        return count / self.covered_days


class Preview(Frozen):
    """One replay of a change on a community's cases. Once done or failed it never changes.

    `scope` is whom the change is for, None everybody. The hashes are those the gate compares;
    `in_force` names everything that was in force beside, when it was replayed.
    """

    id: str
    community: str
    kind: SubjectKind
    name: str
    scope: str | None
    version: str
    candidate_hash: str
    baseline_hash: str
    in_force: str = ""
    window: Window
    status: PreviewStatus
    findings: PreviewFindings | None = None
    failure: str = Field(
        "", description="Why it could not be carried out; it can be asked for again then."
    )
    requested_by: str
    created_at: Instant
    started_at: Instant | None = None
    finished_at: Instant | None = None


def flip_of(case_id: str, before: Replayed, after: Replayed) -> PreviewFlip | None:
    """The flip of a case; None where nothing a person would see differs."""
    kinds = tuple(sorted(_kinds(before, after), key=_ORDER.index))
    if not kinds:
        return None
    gravity = len(_ORDER) - _ORDER.index(kinds[0])
    weight = 100 * gravity + 10 * max(before.severity, after.severity) + min(len(kinds), 9)
    return PreviewFlip(case_id=case_id, weight=weight, kinds=kinds, before=before, after=after)


_ORDER = tuple(FlipKind)


def _kinds(before: Replayed, after: Replayed) -> Iterator[FlipKind]:
    yield from _severity(before.severity, after.severity)
    if before.due_at != after.due_at:
        later = after.due_at > before.due_at
        yield FlipKind.DEADLINE_LATER if later else FlipKind.DEADLINE_SOONER
    if before.categories != after.categories:
        lost, found = not after.categories, not before.categories
        other = FlipKind.CATEGORY_FOUND if found else FlipKind.CATEGORY_OTHER
        yield FlipKind.CATEGORY_LOST if lost else other
    if (before.department, before.rule) != (after.department, after.rule):
        yield FlipKind.OWNER
    yield from _gained_lost(before.hits, after.hits, FlipKind.HIT_ADDED, FlipKind.HIT_LOST)
    if before.reply is not None and after.reply is not None:
        yield from _reply(before.reply, after.reply)


def _severity(before: int, after: int) -> Iterator[FlipKind]:
    if after < URGENT <= before:
        yield FlipKind.DANGER_DOWN
    elif after < before:
        yield FlipKind.SEVERITY_DOWN
    elif after > before:
        yield FlipKind.SEVERITY_UP


def _reply(before: Reply, after: Reply) -> Iterator[FlipKind]:
    if before.outcome != after.outcome:
        yield _outcome(before.outcome, after.outcome)
    both_due = NOT_DUE not in (before.outcome, after.outcome)
    if before.rule_found and not after.rule_found and both_due:
        yield FlipKind.RULE_LOST
    elif after.rule_found and not before.rule_found and both_due:
        yield FlipKind.RULE_FOUND
    elif before.clause != after.clause and both_due:
        yield FlipKind.CLAUSE_OTHER
    yield from _gained_lost(
        before.checks, after.checks, FlipKind.CHECK_FAILED, FlipKind.CHECK_MENDED
    )


def _outcome(before: str, after: str) -> FlipKind:
    if after == NOT_DUE:
        return FlipKind.REPLY_DROPPED
    if before == NOT_DUE:
        return FlipKind.REPLY_DUE
    if before == ANSWERED:
        return FlipKind.REPLY_REFUSED
    return FlipKind.REPLY_ANSWERED if after == ANSWERED else FlipKind.REPLY_OTHER


def _gained_lost(
    before: tuple[str, ...], after: tuple[str, ...], gained: FlipKind, lost: FlipKind
) -> Iterator[FlipKind]:
    old, new = Counter(before), Counter(after)
    if new - old:
        yield gained
    if old - new:
        yield lost
