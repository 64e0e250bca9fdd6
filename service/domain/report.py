"""Rehearsals: what a change would do to stored cases, without touching them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, model_validator

from service.domain.bank import TermDraft
from service.domain.base import Frozen, Instant

LONGEST_DAYS = 365
LONGEST_TAXONOMY = 1_000_000


class ReportKind(StrEnum):
    """`shadow`: another engine; `routing`: another set of routing rules."""

    SHADOW = "shadow"
    ROUTING = "routing"


class ReportStatus(StrEnum):
    """Where a rehearsal stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ExampleChoice(StrEnum):
    """Learned examples of a candidate engine."""

    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    PROPOSED = "proposed"
    """The accepted ones, and those that wait or are held."""


class Candidate(Frozen):
    """A changed engine. What is left out is as it is in force."""

    taxonomy: str | None = Field(
        None, max_length=LONGEST_TAXONOMY, description="A whole taxonomy file (TOML)."
    )
    examples: ExampleChoice = ExampleChoice.ACCEPTED
    threshold: float | None = Field(
        None, ge=0, le=1, description="Confidence from which a category is given."
    )
    bank: Mapping[str, str] | None = Field(
        None, max_length=20, description="Phrase bank files (TOML) by name, such as severity.toml."
    )

    terms: tuple[TermDraft, ...] = Field(
        (), max_length=1000, description="Terms beside those in force."
    )

    @model_validator(mode="after")
    def _small_bank(self) -> Candidate:
        if sum(len(text) for text in (self.bank or {}).values()) > LONGEST_TAXONOMY:
            raise ValueError("the phrase bank is too long")
        return self


class RehearsalSubject(Frozen):
    """What is rehearsed on the cases of the last `days`: a routing set or a candidate engine."""

    days: int = Field(14, ge=1, le=LONGEST_DAYS)
    set_id: str | None = None
    candidate: Candidate | None = None


class Outcome(Frozen):
    """What was or would be decided of a case. Holds no text."""

    categories: tuple[str, ...]
    severity: int
    sentiment: str
    department: str
    pressing: int = 0
    rule: str | None = None
    due_at: Instant | None = None


class Flip(Frozen):
    """A case that would come out otherwise; `confidence` is that of the new leading category."""

    number: int
    case_id: str
    before: Outcome
    after: Outcome
    confidence: float | None = None


class Moves(Frozen):
    """What a name loses, gains and keeps: a category, a department or a rule."""

    name: str
    before: int
    after: int
    gained: int
    lost: int


class Summary(Frozen):
    """Counts over the whole rehearsal."""

    cases: int
    flips: int
    categories: tuple[Moves, ...] = ()
    departments: tuple[Moves, ...] = ()
    rules: Mapping[str, int] = Field(default_factory=dict)
    """Cases each rule decided; `default` and `category` for those no rule fitted."""
    severity_up: int = 0
    severity_down: int = 0
    abstained_before: int = 0
    abstained_after: int = 0
    seconds: float = 0.0
    since: Instant


class Report(Frozen):
    """One rehearsal. `hash` names subject and outcome, so that an activation cannot follow another
    rehearsal than the one a person saw."""

    id: str
    community: str
    kind: ReportKind
    status: ReportStatus
    subject: RehearsalSubject
    summary: Summary | None = None
    hash: str | None = None
    created_by: str
    created_at: Instant
    finished_at: Instant | None = None
