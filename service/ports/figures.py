"""Counting for facts: who is behind each count comes with it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from service.domain.base import Frozen, Instant
from service.domain.event import Event
from service.domain.fact import Period
from service.ports.insights import TrendGroup


class Cell(Frozen):
    """Cases with one key and the distinct people who wrote them; an empty key holds cases that
    triage gave none."""

    key: str
    cases: int
    people: int


class Question(Frozen):
    """A group of cases that ask the same. `excerpt` is redacted; `answer` is the text of the
    newest approved reply to one of them."""

    case_id: str
    cases: int
    people: int
    excerpt: str
    answer: str | None


class PublishedPost(Frozen):
    """A post that left."""

    request_id: str
    title: str
    kind: str
    at: Instant


class Newcomers(Frozen):
    """Members who first wrote within a period, and how many of them wrote on a second day."""

    people: int
    returned: int


class Around(Frozen):
    """What lay around an event."""

    reach: int | None
    """Distinct members who wrote between its announcement and its start; None where nobody said
    when it was announced."""
    slot: float | None
    """Share of the 168 hours of a week that were quieter than its own, by the messages of the
    eight weeks before, 0 to 1; None without messages."""
    clashes: int
    """Other events within a day of it, and incidents that were on while it lasted."""


class HourOf(Frozen):
    """Distinct people who wrote something effective in one local hour; `at` has no offset."""

    at: datetime
    people: int


class Figures(Protocol):
    """Counts over whole local days. The community's own people are left out; cases count where
    they were last written to, as case search filters them."""

    async def cells(
        self, community: str, by: TrendGroup, period: Period, *, department: str | None = None
    ) -> tuple[Cell, ...]:
        """Cases by category, theme, department or sentiment, largest first."""
        ...

    async def severe(self, community: str, period: Period, *, department: str | None) -> Cell:
        """Cases of severity 3 and 4."""
        ...

    async def late(self, community: str, period: Period, *, department: str | None) -> Cell:
        """Cases whose deadline passed unanswered within the period."""
        ...

    async def without_rule(self, community: str, period: Period) -> tuple[Cell, ...]:
        """Cases whose newest draft found no rule, by category or the best guess of it."""
        ...

    async def questions(
        self, community: str, period: Period, *, least: int, limit: int
    ) -> tuple[Question, ...]:
        """What was asked most, by people: groups of duplicates that at least so many people
        raised within the period. Texts that give orders are left out."""
        ...

    async def around(self, event: Event, timezone: str) -> Around: ...
    async def newcomers(self, community: str, period: Period) -> Newcomers: ...
    async def published(self, community: str, period: Period) -> tuple[PublishedPost, ...]:
        """Posts delivered within the period, oldest first."""
        ...

    async def hours(
        self, community: str, zone: str, since: datetime, until: datetime
    ) -> tuple[HourOf, ...]:
        """Hours in [since, until) in which anybody wrote, oldest first."""
        ...
