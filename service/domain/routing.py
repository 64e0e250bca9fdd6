"""Routing rules: data, in order, under version. The first rule that fits decides."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from service.domain.base import Frozen, Instant, Lang
from service.domain.taxonomy import Department

MOST_RULES = 200

Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]
Mood = Annotated[str, Field(pattern="^(negative|neutral|positive)$")]


class AuthorKind(StrEnum):
    """Who wrote, as far as the community has said."""

    MEMBER = "member"
    PARTNER = "partner"
    STAFF = "staff"


class Pressing(StrEnum):
    """A rule's say in the order of the queue; each step counts as much as twice the reach."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


STEPS = {Pressing.LOW: -1, Pressing.NORMAL: 0, Pressing.HIGH: 1, Pressing.URGENT: 2}
"""Doublings of the weight in the queue."""


class When(Frozen):
    """What a case must be like. Every condition given must hold; of the values of one, any. No
    condition at all fits every case."""

    categories: Words = Field((), description="Any of the case's categories is one of these.")
    min_severity: int | None = Field(None, ge=0, le=4)
    sentiments: tuple[Mood, ...] = Field((), max_length=3)
    langs: tuple[Lang, ...] = Field((), max_length=2)
    sources: Words = ()
    channels: Words = ()
    themes: Words = Field((), description="Ids of themes the case was found in.")
    keywords: Words = Field(
        (), description="Plain substrings; look-alike spellings are folded together first."
    )
    authors: tuple[AuthorKind, ...] = Field((), max_length=3)


class Then(Frozen):
    """What is set; what is left out stays as the category has it."""

    department: Department | None = None
    pressing: Pressing | None = None
    sla_hours: float | None = Field(None, gt=0, le=24 * 90)

    @model_validator(mode="after")
    def _something(self) -> Then:
        if self.department is None and self.pressing is None and self.sla_hours is None:
            raise ValueError("set a department, how pressing it is, or the hours to answer")
        return self


class Rule(Frozen):
    """One rule; `id` names it in every triage it decided."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    title: str = Field("", max_length=200)
    when: When = When()
    then: Then


class RoutingRules(Frozen):
    """A whole ordered set; `default_queue` takes what no rule fits, else the category's owner."""

    rules: tuple[Rule, ...] = Field(max_length=MOST_RULES)
    default_queue: Then | None = None

    @field_validator("rules")
    @classmethod
    def _named_once(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if len({rule.id for rule in rules}) < len(rules):
            raise ValueError("two rules carry the same id")
        return rules

    @property
    def content_hash(self) -> str:
        """Changes with any rule or their order."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class RoutingSet(Frozen):
    """A stored set; never changed, a new one is a new version."""

    id: str
    community: str
    version: int
    rules: tuple[Rule, ...]
    default_queue: Then | None
    content_hash: str
    created_by: str
    created_at: Instant


class Activation(Frozen):
    """From when on a set decides, and the rehearsal it was activated by. Append-only."""

    id: str
    community: str
    set_id: str
    report_id: str
    by: str
    at: Instant
