"""Read models of pages and API lists: shaped for reading, never written back."""

from __future__ import annotations

from typing import Generic, TypeVar

from service.domain.base import Bilingual, Frozen, Instant
from service.domain.case import CaseText
from service.domain.delivery import DeliveryAttempt, OutboxEntry
from service.domain.draft import Draft, DraftContext, DraftKind, Revision
from service.domain.post import PostRequest
from service.domain.review import Decision, ReviewTask, TaskStatus
from service.domain.theme import ThemeChange, ThemeLevel, ThemeLink, ThemeStatus
from service.domain.triage import Triage

T = TypeVar("T")


class Page(Frozen, Generic[T]):
    """One page of a list; `cursor` fetches the next, None at the end."""

    items: tuple[T, ...]
    cursor: str | None = None


class QueueRow(Frozen):
    """One line of the review queue."""

    task_id: str
    draft_id: str
    kind: DraftKind
    case_id: str | None
    status: TaskStatus
    claimed_by: str | None
    priority: float
    severity: int
    category: str | None
    guess: str | None
    """The likeliest category, also where triage abstained and `category` is None."""
    excerpt: str
    """Redacted, at most 160 characters."""
    channel: str
    reach: int
    """Distinct authors who raised the same (the case and its duplicates)."""
    waiting_since: Instant
    due_at: Instant | None
    origin: str
    refusal: str | None
    blocking: int
    by_person: tuple[str, ...] = ()
    """Which of categories, severity, sentiment and department a person set."""


class CaseRow(Frozen):
    """One line of case search."""

    case_id: str
    author: str
    source: str
    channel: str
    last_at: Instant
    size: int
    category: str | None
    guess: str | None
    """The likeliest category, also where triage abstained and `category` is None."""
    confidence: float | None
    severity: int | None
    sentiment: str | None
    department: str | None
    due_at: Instant | None = None
    by_person: tuple[str, ...] = ()
    """Which of categories, severity, sentiment and department a person set."""
    excerpt: str
    status: str
    """Computed from facts: untriaged, triaged, in_review, decided, delivered."""


class ThemeRow(Frozen):
    """One living theme. Names, keywords and summary are empty while fewer people spoke of it than
    the privacy floor asks for (`hidden`)."""

    theme_id: str
    level: ThemeLevel
    status: ThemeStatus
    owner: str | None
    parent_id: str | None
    name_zh: str
    name_en: str
    summary_zh: str
    summary_en: str
    keywords_zh: tuple[str, ...]
    keywords_en: tuple[str, ...]
    size: int
    authors: int
    growth: float
    first_at: Instant
    last_at: Instant
    hidden: bool
    trend: tuple[int, ...]
    """Cases of each of the last 28 days, oldest first."""


class ThemeSeen(Frozen):
    """What one clustering found of a theme."""

    run_id: str
    at: Instant
    size: int


class ThemeView(Frozen):
    """A theme with its history, newest first; `samples` are redacted texts nearest its centre."""

    community: str
    row: ThemeRow
    given_name: Bilingual | None
    merged_into: str | None
    retired_at: Instant | None
    seen: tuple[ThemeSeen, ...]
    links: tuple[ThemeLink, ...]
    changes: tuple[ThemeChange, ...]
    themes: tuple[ThemeRow, ...]
    """Those of a topic, largest first."""
    samples: tuple[str, ...]


class ThemeRunView(Frozen):
    """One clustering: how many cases found a theme, and the share that found none."""

    run_id: str
    at: Instant
    clustered: int
    unclustered: int
    unclustered_share: float


class DuplicateGroup(Frozen):
    """Cases that say the same, by their first one."""

    first_case_id: str
    size: int
    authors: int
    """Distinct people who raised it."""
    kinds: tuple[str, ...]
    """What holds the group together: exact, near, merged (by a person)."""
    category: str | None
    severity: int | None
    excerpt: str
    """Of the first case, redacted."""
    first_at: Instant
    last_at: Instant
    case_ids: tuple[str, ...]
    """The first two hundred."""


class GroupMember(Frozen):
    """One case of a group; `duplicate_of` is the earlier case triage linked it to."""

    case_id: str
    author: str
    last_at: Instant
    excerpt: str | None
    duplicate_of: str | None
    duplicate_kind: str | None


class GroupLink(Frozen):
    """Two cases held together, by a person's word or, where `by` is None, by triage."""

    first_id: str
    second_id: str
    by: str | None
    at: Instant | None


class GroupView(Frozen):
    """A group with its members and links."""

    group: DuplicateGroup
    members: tuple[GroupMember, ...]
    links: tuple[GroupLink, ...]


class TaskView(Frozen):
    """Everything the review page shows of one task."""

    task: ReviewTask
    draft: Draft
    context: DraftContext
    revisions: tuple[Revision, ...]
    decision: Decision | None
    case: CaseText | None
    triage: Triage | None
    post: PostRequest | None
    entry: OutboxEntry | None
    history: tuple[Decision, ...] = ()
    """Every decision on this draft, oldest first, undone and escalating ones included."""


class DeliveryView(Frozen):
    """An outbox entry with its log."""

    entry: OutboxEntry
    attempts: tuple[DeliveryAttempt, ...]


class Counts(Frozen):
    """Numbers of the page header and `/metrics`."""

    messages: int
    cases: int
    untriaged: int
    open_tasks: int
    outbox_pending: int
    outbox_dead: int
    near: int = 0
    """Unanswered cases due within the hour, as of the last sweep."""
    late: int = 0
    """Unanswered cases past due, as of the last sweep."""
