"""When posts are due: single ones, series that repeat, and what speaks against a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule
from pydantic import Field, field_validator, model_validator

from service.domain.base import Bilingual, Frozen, Instant
from service.domain.channel import Channel, Platform
from service.domain.post import PostBrief

CLOSE = timedelta(hours=2)
"""Two posts in one channel nearer than this compete with each other."""

MOST_OCCURRENCES = 400
"""Of one series in one look."""

_SHORTEST = 28


class Every(StrEnum):
    """How often a series repeats."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_FREQUENCY: dict[Every, Literal[1, 2, 3]] = {
    Every.DAY: DAILY,
    Every.WEEK: WEEKLY,
    Every.MONTH: MONTHLY,
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Repeat(Frozen):
    """The part of RFC 5545 recurrence that posts need; never endless to compute."""

    every: Every = Every.WEEK
    interval: int = Field(1, ge=1, le=12, description="Every so many days, weeks or months.")
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(
        (), max_length=7, description="0 is Monday; of weeks. Without, the day of the first."
    )
    day_of_month: int | None = Field(
        None, ge=-1, le=28, description="Of months; -1 is the last. Without, the day of the first."
    )

    @model_validator(mode="after")
    def _of_one_piece(self) -> Repeat:
        if self.weekdays and self.every is not Every.WEEK:
            raise ValueError("weekdays go with weeks")
        if self.day_of_month is not None and self.every is not Every.MONTH:
            raise ValueError("a day of the month goes with months")
        if self.day_of_month == 0:
            raise ValueError("days of a month begin with 1")
        return self

    def rule(self, first: datetime) -> rrule:
        """Wall times from `first` on. Months without its day take their last one."""
        monthday: int | tuple[int, ...] | None = self.day_of_month
        setpos = None
        if self.every is Every.MONTH and monthday is None and first.day > _SHORTEST:
            monthday, setpos = tuple(range(_SHORTEST, first.day + 1)), -1
        return rrule(
            _FREQUENCY[self.every],
            dtstart=first,
            interval=self.interval,
            byweekday=self.weekdays or None,
            bymonthday=monthday,
            bysetpos=setpos,
        )

    def as_rrule(self, first: datetime) -> str:
        """The RFC 5545 rule, for calendar feeds."""
        parts = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
        text = f"FREQ={parts[self.every]};INTERVAL={self.interval}"
        if self.weekdays:
            text += ";BYDAY=" + ",".join(_DAYS[day] for day in self.weekdays)
        if self.every is Every.MONTH and self.day_of_month is None and first.day > _SHORTEST:
            days = ",".join(str(day) for day in range(_SHORTEST, first.day + 1))
            return f"{text};BYMONTHDAY={days};BYSETPOS=-1"
        return text + (f";BYMONTHDAY={self.day_of_month}" if self.day_of_month else "")


class Period(StrEnum):
    """What time a post of a series looks back on, ending with the day of its occurrence."""

    NONE = "none"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_SPANS = {
    Period.DAY: relativedelta(days=1),
    Period.WEEK: relativedelta(weeks=1),
    Period.MONTH: relativedelta(months=1),
}


class SeriesPlan(Frozen):
    """A post that repeats, such as a weekly report."""

    brief: PostBrief
    repeat: Repeat = Repeat()
    first: datetime = Field(
        description="First occurrence as a local time of the community, without an offset.",
        examples=["2026-03-02T10:00:00"],
    )
    period: Period = Period.NONE
    lead_hours: int = Field(24, ge=0, le=24 * 14, description="The draft is made so long before.")

    @field_validator("first")
    @classmethod
    def _local(cls, value: datetime) -> datetime:
        if value.tzinfo is not None:
            raise ValueError("a local time without an offset")
        return value.replace(second=0, microsecond=0)


class Series(Frozen):
    """A stored plan; ended ones make no more posts. Its times are wall times of `timezone`."""

    id: str
    community: str
    plan: SeriesPlan
    timezone: str
    created_by: str
    created_at: Instant
    ended_by: str | None = None
    ended_at: Instant | None = None

    def occurrences(self, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """Moments in [since, until), at most `MOST_OCCURRENCES`. The wall time stays the same
        when clocks change."""
        zone = ZoneInfo(self.timezone)
        end = min(until, self.ended_at) if self.ended_at else until
        rule = self.plan.repeat.rule(self.plan.first)
        local_since = since.astimezone(zone).replace(tzinfo=None) - timedelta(hours=3)
        found: list[datetime] = []
        for wall in rule.xafter(local_since, inc=True):
            moment = wall.replace(tzinfo=zone)
            if moment >= end or len(found) == MOST_OCCURRENCES:
                break
            if moment >= since:
                found.append(moment)
        return tuple(found)

    def brief_for(self, occurrence: datetime) -> PostBrief:
        """The brief of one occurrence, with the period it looks back on."""
        zone = ZoneInfo(self.timezone)
        update: dict[str, object] = {"not_before": occurrence}
        if self.plan.period is not Period.NONE:
            end = occurrence.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            update |= {"start": end - _SPANS[self.plan.period], "end": end}
        return self.plan.brief.model_copy(update=update)


class PostMove(Frozen):
    """An editor set another time for a post, or called it off (`at` None). The newest counts;
    append-only. The note is for colleagues and never leaves."""

    id: str
    post_request_id: str
    at: Instant | None
    by: str
    note: str
    created_at: Instant


class EntryState(StrEnum):
    """How far a planned post is."""

    PLANNED = "planned"
    """An occurrence of a series; no draft yet."""
    DRAFTING = "drafting"
    REVIEW = "review"
    APPROVED = "approved"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"


LIVE = frozenset(
    {EntryState.PLANNED, EntryState.DRAFTING, EntryState.REVIEW, EntryState.APPROVED,
     EntryState.DELIVERED}
)  # fmt: skip
"""States in which a post takes up its time."""


class Conflict(StrEnum):
    """What speaks against a time. Warnings: a person decides."""

    CLOSE = "close"
    TOO_MANY = "too_many"
    QUIET = "quiet"
    LATE = "late"
    """Its time passed and nobody approved it."""


class Entry(Frozen):
    """One line of the calendar."""

    id: str
    post_request_id: str | None
    series_id: str | None
    task_id: str | None
    title: str
    kind: str
    channel: str
    at: Instant
    state: EntryState
    conflicts: tuple[Conflict, ...] = ()


class Place(Frozen):
    """Where a post goes, with what is known of it."""

    channel: Channel
    platform: Platform | None

    @property
    def title(self) -> Bilingual:
        """The platform's name, else the channel's own."""
        return self.platform.title if self.platform else Bilingual(
            zh=self.channel.name, en=self.channel.name
        )  # fmt: skip


def with_conflicts(
    entries: Iterable[Entry], places: Sequence[Place], zone: ZoneInfo, now: datetime
) -> tuple[Entry, ...]:
    """Entries in order of time, each with what speaks against its time."""
    ordered = sorted(entries, key=lambda one: (one.at, one.id))
    known = {place.channel.name: place for place in places}
    return tuple(
        one.model_copy(update={"conflicts": _conflicts(one, ordered, known, zone, now)})
        for one in ordered
    )


def _conflicts(
    one: Entry,
    entries: Sequence[Entry],
    places: dict[str, Place],
    zone: ZoneInfo,
    now: datetime,
) -> tuple[Conflict, ...]:
    if one.state not in LIVE or one.state is EntryState.DELIVERED:
        return ()
    same = [
        other
        for other in entries
        if other.id != one.id and other.channel == one.channel and other.state in LIVE
    ]
    place, local = places.get(one.channel), one.at.astimezone(zone)
    most = place.platform.per_day if place and place.platform else None
    day = sum(1 for other in same if other.at.astimezone(zone).date() == local.date())
    found = {
        Conflict.CLOSE: any(abs(other.at - one.at) < CLOSE for other in same),
        Conflict.TOO_MANY: most is not None and day + 1 > most,
        Conflict.QUIET: bool(place and place.channel.quiet_at(local.hour)),
        Conflict.LATE: one.state in (EntryState.REVIEW, EntryState.DRAFTING) and one.at < now,
    }
    return tuple(kind for kind, holds in found.items() if holds)
