"""What facts are asked for, and the days they are counted over."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.domain.base import Frozen, Instant, Lang
from service.errors import InvalidInput

LONGEST = timedelta(days=366)
USUAL = timedelta(days=7)
"""Length of a period nobody named."""


class FactAsk(Frozen):
    """Groups of facts on one community, in one language.

    The period covers whole local days: the day of `start` to the last one before `end`. Without
    one it is the seven days before today.
    """

    community: str
    groups: tuple[str, ...]
    start: Instant | None = None
    end: Instant | None = None
    subject: str = ""
    """An event's id or name for `event_funnel`, `comparables` and `hypotheses`; a department for
    `department` (empty: all of them); an incident's id for `incidents` (empty: those of the
    period, if one is named)."""
    lang: Lang = Lang.ZH


class Period(Frozen):
    """Local days from `since` to `until`, both included."""

    since: date
    until: date
    timezone: str

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def start(self) -> datetime:
        """The moment it begins."""
        return self._midnight(self.since)

    @property
    def end(self) -> datetime:
        """The moment after it."""
        return self._midnight(self.until + timedelta(days=1))

    def before(self) -> Period:
        """As many days, directly before."""
        length = timedelta(days=self.days)
        return self.model_copy(update={"since": self.since - length, "until": self.until - length})

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.timezone)).astimezone(UTC)


def period_of(ask: FactAsk, timezone: str, now: datetime) -> Period:
    """The days an ask means.

    Raises:
        InvalidInput: it ends before it starts, is longer than a year, or out of reach.
    """
    if any(at and not 1973 <= at.year <= 2199 for at in (ask.start, ask.end)):
        raise InvalidInput("The period lies outside of what can be counted.")
    zone = ZoneInfo(timezone)
    today = datetime.combine(now.astimezone(zone).date(), time(), zone)
    end = ask.end or (ask.start + USUAL if ask.start else today)
    start = ask.start or end - USUAL
    if not timedelta(0) < end - start <= LONGEST:
        raise InvalidInput(f"A period ends after its start, within {LONGEST.days} days.")
    last = (end - timedelta(microseconds=1)).astimezone(zone).date()
    return Period(since=start.astimezone(zone).date(), until=last, timezone=timezone)
