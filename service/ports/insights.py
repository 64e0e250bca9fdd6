"""Reading for trends, radar and participation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from pydantic import Field

from service.domain.alert import Alert, Reading
from service.domain.base import Bilingual, Frozen, Instant
from service.domain.conflict import Difference, Span
from service.domain.draft import RefusalKind
from service.domain.drift import DriftAlarm, Shift
from service.domain.incident import Incident, IncidentStatus
from service.domain.views import Page


class TrendMetric(StrEnum):
    """What a trend counts."""

    MESSAGES = "messages"
    CASES = "cases"
    NEGATIVE = "negative"
    SEVERE = "severe"


class TrendGroup(StrEnum):
    """What cases are split by."""

    CATEGORY = "category"
    THEME = "theme"
    DEPARTMENT = "department"
    SENTIMENT = "sentiment"


class Bucket(StrEnum):
    """Length of a bucket, in the community's own time."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class TrendLine(Frozen):
    """One series; `counts[i]` belongs to `starts[i]`. An empty `key` in categories holds what
    triage abstained on."""

    key: str
    total: int
    counts: tuple[int, ...]


class Trend(Frozen):
    """Counts over time, largest series first. `as_of` is when they were last brought up to date."""

    metric: TrendMetric
    group: TrendGroup | None
    bucket: Bucket
    timezone: str
    starts: tuple[Instant, ...]
    series: tuple[TrendLine, ...]
    as_of: Instant | None


class RadarView(Frozen):
    """What the radar says now: a reading of each series, the alerts that are still on, and the
    drift alarms that go on."""

    at: Instant | None
    readings: tuple[Reading, ...]
    alerts: tuple[Alert, ...]
    drift: tuple[DriftAlarm, ...] = ()


class DriftView(Frozen):
    """What the newest run compared, and the alarms that go on, gravest first. A measure that is
    not among the shifts holds too little to compare."""

    at: Instant | None
    shifts: tuple[Shift, ...]
    alarms: tuple[DriftAlarm, ...]


class Activity(Frozen):
    """Members of one bucket of days: all they wrote, and what is left without noise replies such
    as 收到, 谢谢, +1."""

    start: date
    messages: int
    effective_messages: int
    authors: int
    effective_authors: int


class ResponseTimes(Frozen):
    """From a case's first message to the first answer: an approved reply that was delivered, or a
    message of the community's own people that answers it. Seconds."""

    asked: int
    answered: int
    in_time: int
    """Answered before the case was due."""
    median_s: float | None
    p90_s: float | None


class Participation(Frozen):
    """Who took part. Shares are of effective messages, 0 to 1; None without any."""

    since: date
    until: date
    bucket: Bucket
    timezone: str
    total: Activity
    days: tuple[Activity, ...]
    top_10_authors_share: float | None
    top_tenth_share: float | None
    response: ResponseTimes


class EventFunnel(Frozen):
    """Distinct members around an event, as far as messages tell: who registered or attended
    without writing is not known."""

    active_before: int = Field(description="Wrote in the seven days before.")
    asked: int = Field(description="Asked about an event in the seven days before or during it.")
    took_part: int = Field(description="Wrote something effective during it.")
    newcomers: int = Field(description="Of those, had not written in the four weeks before.")
    gave_feedback: int = Field(description="Gave event feedback until seven days after.")
    came_back: int = Field(description="Took part and wrote again in the seven days after.")


class Gap(Frozen):
    """Cases that got no answer for one reason, about one thing.

    `category` may be a guess; `answered` counts those a person answered all the same; `evidence`
    names up to five cases, newest first.
    """

    refusal: RefusalKind
    category: str | None
    theme_id: str | None
    cases: int
    authors: int
    answered: int
    last_at: Instant
    evidence: tuple[str, ...]


class PairSide(Frozen):
    """One clause of a pair as it read when it held a draft. `marks` are places in `sentence`;
    `standing`: it still reads so in a live document."""

    clause_id: str
    document_title: str
    number: str
    version: int
    lang: str
    sentence: str
    marks: tuple[Span, ...]
    standing: bool


class ClausePair(Frozen):
    """Two clauses that contradict each other, and how many drafts, cases and people they held;
    `evidence` names up to five cases, newest first."""

    differs: Difference
    sides: tuple[PairSide, PairSide]
    open: bool
    """Both still stand; a clause that was changed or taken down closes the pair."""
    drafts: int
    cases: int
    authors: int
    last_at: Instant
    evidence: tuple[str, ...]


class Insights(Protocol):
    """Read models of what the rollups and the radar hold."""

    async def trend(
        self,
        community: str,
        zone: str,
        *,
        metric: TrendMetric,
        group: TrendGroup | None,
        bucket: Bucket,
        since: datetime,
        until: datetime,
        key: str | None = None,
    ) -> Trend:
        """Every bucket from the one that holds `since` on, zeros included.

        Raises:
            InvalidInput: the range is empty or has too many buckets.
        """
        ...

    async def radar(self, community: str, now: datetime) -> RadarView: ...
    async def drift(self, community: str, now: datetime) -> DriftView: ...
    async def drift_alarms(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[DriftAlarm]:
        """Newest first, also what is over or closed."""
        ...

    async def incidents(
        self,
        community: str,
        *,
        status: IncidentStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Incident]:
        """Newest first."""
        ...

    async def participation(
        self, community: str, zone: str, *, since: date, until: date, bucket: Bucket
    ) -> Participation:
        """Local days from `since` to `until`, both included.

        Raises:
            InvalidInput: the range is empty, too long, or the bucket is an hour.
        """
        ...

    async def event(
        self, community: str, *, start: datetime, end: datetime, channel: str | None
    ) -> EventFunnel:
        """The funnel of an event that lasted from `start` to `end`.

        Raises:
            InvalidInput: it ends before it starts, or lasts longer than a month.
        """
        ...

    async def alerts_of(self, incident_ids: Collection[str]) -> Mapping[str, tuple[Alert, ...]]:
        """Incident to its alerts, the gravest and most surprising first."""
        ...

    async def gaps(
        self, community: str, *, since: datetime, least: int, refusal: str | None = None
    ) -> tuple[Gap, ...]:
        """Cases drafted since then whose newest draft offers no answer, by why, category and theme;
        what most people miss comes first. Themes of fewer than `least` people are
        one with their category. The community's own people are left out."""
        ...

    async def conflicts(self, community: str, *, since: datetime) -> tuple[ClausePair, ...]:
        """Pairs of clauses that held drafts made since then, as they read in them; open ones
        first, then by people. The community's own people are left out. At most 200."""
        ...

    async def excerpts(self, case_ids: Collection[str]) -> Mapping[str, str]:
        """Case to the beginning of its redacted text; untriaged cases are left out."""
        ...

    async def theme_names(
        self, community: str, theme_ids: Collection[str], *, min_authors: int
    ) -> Mapping[str, Bilingual]:
        """Names of themes with at least so many authors."""
        ...
