"""Events a community holds, as far as somebody wrote them down."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field, model_validator

from service.domain.base import Frozen, Instant

LONGEST = timedelta(days=31)


class EventDetails(Frozen):
    """What a person says of an event. What messages cannot tell, such as who registered, is None
    until it is known."""

    name: str = Field(min_length=1, max_length=200, examples=["四月读书夜"])
    start: Instant = Field(examples=["2026-04-11T19:00:00+08:00"])
    end: Instant = Field(examples=["2026-04-11T21:00:00+08:00"])
    channel: str = Field("", max_length=200, description="Where it took place, if in one channel.")
    announced_at: Instant | None = Field(None, description="When members were first told.")
    registered: int | None = Field(None, ge=0, le=10_000_000, description="Counted elsewhere.")
    attended: int | None = Field(None, ge=0, le=10_000_000, description="Counted elsewhere.")

    @model_validator(mode="after")
    def _possible(self) -> EventDetails:
        if not timedelta(0) < self.end - self.start <= LONGEST:
            raise ValueError(f"an event ends after its start, within {LONGEST.days} days")
        if not 1973 <= self.start.year <= self.end.year <= 2199:
            raise ValueError("the event lies outside of what can be counted")
        if self.announced_at is not None and not self._told_in_time(self.announced_at):
            raise ValueError("an event is announced before it starts, within a year")
        return self

    def _told_in_time(self, at: datetime) -> bool:
        return timedelta(0) <= self.start - at <= timedelta(days=366)


class Event(Frozen):
    """A stored event; what is said of it may be corrected, `changed_by` then names who did."""

    id: str
    community: str
    details: EventDetails
    start: Instant
    created_by: str
    created_at: Instant
    changed_by: str | None = None
    changed_at: Instant | None = None
