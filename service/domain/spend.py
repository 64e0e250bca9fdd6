"""What models may use, what they used, and when that is too much.

Days and months are those of UTC, so that a limit means the same for every process and community.
"""

from __future__ import annotations

from enum import StrEnum

from service.domain.base import Frozen, Instant

WARN_SHARE = 0.8
"""Share of a limit from which people are warned."""


class Limit(StrEnum):
    """Name of a limit."""

    TOKENS_PER_DAY = "tokens_per_day"
    TOKENS_PER_MONTH = "tokens_per_month"
    COST_PER_DAY = "cost_per_day"
    COST_PER_MONTH = "cost_per_month"


class Limits(Frozen):
    """Most of each in a period; None: no limit. Money is in the operator's currency."""

    tokens_per_day: int | None = None
    tokens_per_month: int | None = None
    cost_per_day: float | None = None
    cost_per_month: float | None = None

    @property
    def given(self) -> dict[Limit, float]:
        """Those that are set."""
        every = {limit: getattr(self, limit.value) for limit in Limit}
        return {limit: value for limit, value in every.items() if value is not None}

    def tightest(self, other: Limits | None) -> Limits:
        """The smaller of both limits, each."""
        if other is None:
            return self
        mine, theirs = self.given, other.given
        both = {limit.value: min(mine.get(limit, theirs[limit]), theirs[limit]) for limit in theirs}
        return Limits.model_validate(self.model_dump() | both)


class Spent(Frozen):
    """What was used in the present day and month, with what is set aside for calls under way."""

    tokens_per_day: int = 0
    tokens_per_month: int = 0
    cost_per_day: float = 0.0
    cost_per_month: float = 0.0


class Reservation(Frozen):
    """What one call may use at most, set aside before it is sent; `id` is the call's."""

    id: str
    community: str
    tokens: int
    cost: float
    at: Instant


class GaugeState(StrEnum):
    """How near a limit is."""

    FREE = "free"
    WARNING = "warning"
    REACHED = "reached"


class Gauge(Frozen):
    """One limit and what of it is used."""

    limit: Limit
    most: float
    used: float

    @property
    def share(self) -> float:
        """Used part, 0 to 1."""
        return min(1.0, self.used / self.most) if self.most else 1.0

    @property
    def state(self) -> GaugeState:
        """Whether to warn."""
        if self.used >= self.most:
            return GaugeState.REACHED
        return GaugeState.WARNING if self.share >= WARN_SHARE else GaugeState.FREE


def gauges(limits: Limits, spent: Spent) -> tuple[Gauge, ...]:
    """A gauge for each limit that is set."""
    return tuple(
        Gauge(limit=limit, most=most, used=getattr(spent, limit.value))
        for limit, most in limits.given.items()
    )


def exceeded(limits: Limits, spent: Spent, wanted: Reservation) -> Limit | None:
    """The first limit the call would break. One that costs nothing breaks no limit of money,
    so that a model of one's own goes on when the paid ones may not."""
    for gauge in gauges(limits, spent):
        money = gauge.limit in (Limit.COST_PER_DAY, Limit.COST_PER_MONTH)
        more = wanted.cost if money else wanted.tokens
        if more > 0 and gauge.used + more > gauge.most:
            return gauge.limit
    return None
