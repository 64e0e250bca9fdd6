"""What models may use and what they used, as the flows see it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from service.domain.base import Frozen
from service.domain.spend import Limits, Reservation, Spent


class Spending(Protocol):
    """Budgets and reservations; `LLMCalls.add` settles what was reserved under a call's id."""

    async def lock(self) -> None:
        """Hold the budgets until the transaction ends, so that two calls cannot both take what
        is left."""
        ...

    async def spent(self, community: str | None, now: datetime) -> Spent:
        """Of the present day and month, reservations included; None: of all communities."""
        ...

    async def reserve(self, reservation: Reservation) -> None: ...
    async def own_limits(self, community: str) -> Limits | None:
        """What the community set for itself."""
        ...

    async def set_own_limits(
        self, community: str, limits: Limits, *, by: str, at: datetime
    ) -> None: ...


class UsageGroup(StrEnum):
    """What usage is summed by."""

    FEATURE = "feature"
    PROVIDER = "provider"
    MODEL = "model"
    COMMUNITY = "community"
    DAY = "day"


class UsageFilter(NamedTuple):
    """Which calls are summed; None for `community`: all of them. `until` is not included."""

    group: UsageGroup
    since: datetime
    until: datetime
    community: str | None = None


class UsageRow(Frozen):
    """Calls of one group; `key` is its name, of a day its date in UTC. `cached_tokens` are part of
    `prompt_tokens`; `failed` calls are part of `calls`."""

    key: str
    calls: int
    failed: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost: float
