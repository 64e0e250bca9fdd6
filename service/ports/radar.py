"""The radar's rollups and facts, as the flows see them; part of the unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from service.domain.alert import Alert, Metric, Reading
from service.domain.community import Community
from service.domain.incident import Incident, IncidentEntry
from service.domain.notice import Notice


class Recent(NamedTuple):
    """Exact figures of a short time: distinct authors, and the newest case ids."""

    authors: int
    evidence: tuple[str, ...]


class Pulses(Protocol):
    """Counts kept for quick reading, made again where facts changed."""

    async def refresh(self, community: Community, limit: int) -> int:
        """Count stale quarters again, following at most `limit` marks; how many there were."""
        ...

    async def series(
        self, community: str, since: datetime, until: datetime
    ) -> Mapping[Metric, tuple[int, ...]]:
        """Voices of every watched metric with any in the time, a number for each quarter.
        `negative_share` is not among them; `CASES` holds what it is a share of."""
        ...

    async def recent(
        self, community: str, since: datetime, until: datetime, most: int
    ) -> Mapping[Metric, Recent]:
        """Authors and at most `most` cases of every metric."""
        ...


class RadarStore(Protocol):
    """Readings, alerts, incidents with their timeline, notices."""

    async def save_readings(
        self, community: str, readings: Sequence[Reading], at: datetime
    ) -> None: ...
    async def open_alerts(self, community: str, since: datetime) -> tuple[Alert, ...]:
        """Alerts last heard of at or after `since`."""
        ...

    async def alerts_of(self, incident_id: str) -> tuple[Alert, ...]:
        """Oldest first."""
        ...

    async def save_alert(self, alert: Alert) -> None:
        """Insert or replace."""
        ...

    async def newest_incident(self, community: str) -> Incident | None: ...
    async def incident(self, incident_id: str, *, lock: bool = False) -> Incident | None: ...
    async def save_incident(self, incident: Incident) -> None:
        """Insert or replace."""
        ...

    async def add_entry(self, entry: IncidentEntry) -> None: ...
    async def entries(self, incident_id: str) -> tuple[IncidentEntry, ...]:
        """Oldest first."""
        ...

    async def notice(self, notice_id: str, *, lock: bool = False) -> Notice | None: ...
    async def save_notice(self, notice: Notice) -> None:
        """Insert or replace."""
        ...

    async def due_notices(self, now: datetime, limit: int) -> tuple[str, ...]: ...
