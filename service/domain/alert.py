"""What the radar watches and finds: series, readings, alerts, and the incidents people work on."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from service.domain.base import Frozen, Instant

STEP = timedelta(minutes=15)
"""Length of one bucket: every time zone's hours and days begin on one."""

QUIET = timedelta(hours=3)
"""An alert whose metric stayed calm for so long is over; what comes later is another one."""

NOTIFY_LEVEL = 3
"""From this level on a person is told at once."""

ROOM_LEVEL = 2
"""From this level on an alert belongs to an incident."""

MAX_EVIDENCE = 20
"""Case ids an alert keeps."""


class MetricKind(StrEnum):
    """What is counted; all but `volume` count cases."""

    VOLUME = "volume"
    NEGATIVE = "negative"
    NEGATIVE_SHARE = "negative_share"
    SEVERE = "severe"
    CATEGORY = "category"
    THEME = "theme"


class Metric(Frozen):
    """One watched series; `key` is the category or theme id."""

    kind: MetricKind
    key: str = ""

    @property
    def name(self) -> str:
        """`kind` or `kind:key`."""
        return f"{self.kind.value}:{self.key}" if self.key else self.kind.value


class Series(Frozen):
    """Voices per bucket: distinct authors in each quarter of an hour, so that one author adds at
    most four an hour whatever the number of messages. `counts[0]` begins at `start`.

    `totals` holds the voices of all cases, for a share; `authors` and `evidence` are the exact
    distinct authors and the newest case ids of the last hour.
    """

    metric: Metric
    start: Instant
    counts: tuple[int, ...]
    totals: tuple[int, ...] = ()
    authors: int = 0
    evidence: tuple[str, ...] = ()

    @property
    def end(self) -> datetime:
        """When the last bucket ends."""
        return self.start + len(self.counts) * STEP


class Finding(StrEnum):
    """How a reading stands out."""

    CALM = "calm"
    SPIKE = "spike"
    DRIFT = "drift"


class Reading(Frozen):
    """What one metric says now. `surprise` is -log10 of the tail probability; `level` 0 is calm."""

    metric: Metric
    since: Instant
    until: Instant
    baseline: float = Field(ge=0)
    observed: int = Field(ge=0)
    authors: int = Field(ge=0)
    surprise: float = Field(ge=0)
    finding: Finding
    level: int = Field(ge=0, le=4)
    evidence: tuple[str, ...] = ()


class Alert(Frozen):
    """One anomaly of one metric, from the first step that showed it to the last. `baseline`,
    `observed` and `authors` are those of its strongest window, `level` its highest (1 watch,
    2 raised, 3 serious, 4 crisis)."""

    id: str
    community: str
    metric: Metric
    finding: Finding
    level: int = Field(ge=1, le=4)
    baseline: float
    observed: int
    authors: int
    surprise: float
    started_at: Instant
    last_at: Instant
    evidence: tuple[str, ...] = ()
    incident_id: str | None = None

    def open_at(self, now: datetime) -> bool:
        """Whether a new reading continues it."""
        return now - self.last_at <= QUIET

    def with_reading(self, reading: Reading) -> Alert:
        """The alert after one more step; it never sinks and never forgets its evidence."""
        update: dict[str, object] = {
            "last_at": max(self.last_at, reading.until),
            "level": max(self.level, reading.level),
            "evidence": tuple(dict.fromkeys((*self.evidence, *reading.evidence)))[:MAX_EVIDENCE],
        }
        if reading.surprise > self.surprise:
            update |= {
                name: getattr(reading, name)
                for name in ("baseline", "observed", "authors", "surprise")
            }
        return self.model_copy(update=update)


def alert_of(alert_id: str, community: str, reading: Reading) -> Alert:
    """The alert a reading opens."""
    return Alert(
        id=alert_id,
        community=community,
        metric=reading.metric,
        finding=reading.finding,
        level=reading.level,
        baseline=reading.baseline,
        observed=reading.observed,
        authors=reading.authors,
        surprise=reading.surprise,
        started_at=reading.since,
        last_at=reading.until,
        evidence=reading.evidence[:MAX_EVIDENCE],
    )
