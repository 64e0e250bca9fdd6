"""What the store keeps of routing rules, rehearsals and deadlines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from service.domain.deadline import Breach
from service.domain.report import Flip, Report
from service.domain.routing import Activation, RoutingSet


class CasePlace(NamedTuple):
    """A case's place among those of its community, by time."""

    last_at: datetime
    case_id: str


class LateCase(NamedTuple):
    """An unanswered case whose deadline is past or near."""

    case_id: str
    community: str
    department: str | None
    severity: int | None
    due_at: datetime


class Routing(Protocol):
    """Sets of routing rules under version, and which one decides."""

    async def lock(self, community: str) -> None:
        """Hold the community's sets until the transaction ends."""
        ...

    async def add(self, given: RoutingSet) -> None: ...
    async def get(self, set_id: str) -> RoutingSet | None: ...
    async def version(self, community: str, version: int) -> RoutingSet | None: ...
    async def newest(self, community: str) -> RoutingSet | None: ...
    async def all(self, community: str) -> tuple[RoutingSet, ...]:
        """Newest first."""
        ...

    async def activate(self, activation: Activation) -> None: ...
    async def activation(self, community: str) -> Activation | None:
        """The one in force."""
        ...

    async def active(self, community: str) -> RoutingSet | None:
        """The set that decides; None: the categories' own routes stand."""
        ...

    async def themes_of(self, case_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Ids of the theme each case is in, and of its topic."""
        ...


class Reports(Protocol):
    """Rehearsals and what each would flip."""

    async def save(self, report: Report) -> None:
        """Insert or replace."""
        ...

    async def get(self, report_id: str) -> Report | None: ...
    async def unfinished(self, limit: int) -> tuple[Report, ...]:
        """Those queued or under way, the oldest first."""
        ...

    async def by_hash(self, community: str, digest: str) -> Report | None:
        """The newest finished rehearsal with this hash."""
        ...

    async def clear(self, report_id: str) -> None:
        """Forget the flips of a run that broke off."""
        ...

    async def add_flips(self, report_id: str, flips: Sequence[Flip]) -> None: ...
    async def cases(
        self, community: str, *, since: datetime, after: CasePlace | None, limit: int
    ) -> tuple[CasePlace, ...]:
        """Triaged cases written to since then, newest first, from a place on."""
        ...


class Deadlines(Protocol):
    """Clocks of cases that wait for a reply."""

    async def settle(self, now: datetime, limit: int) -> int:
        """Stop the clock of late cases that were answered since; how many."""
        ...

    async def late(self, now: datetime, near: datetime, limit: int) -> tuple[LateCase, ...]:
        """Unanswered cases past due, or due before `near` and not yet noted as such."""
        ...

    async def close(self, case_ids: Collection[str]) -> None:
        """Stop these clocks without a record."""
        ...

    async def record(self, breaches: Sequence[Breach]) -> tuple[Breach, ...]:
        """Append; those that were not there yet come back."""
        ...
