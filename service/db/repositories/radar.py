"""Readings, alerts, incidents, notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, upsert, values_of
from service.domain.alert import Alert, Reading
from service.domain.incident import Incident, IncidentEntry
from service.domain.notice import Notice, NoticeStatus

_A, _E, _I, _N = (
    tables.alerts.c,
    tables.incident_entries.c,
    tables.incidents.c,
    tables.notices.c,
)


class SqlRadar:
    """See `service.ports.radar.RadarStore`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save_readings(
        self, community: str, readings: Sequence[Reading], at: datetime
    ) -> None:
        shown = [reading.model_dump(mode="json") for reading in readings]
        row = {"community": community, "at": at, "readings": shown}
        await self._connection.execute(upsert(tables.radar_states), row)

    async def open_alerts(self, community: str, since: datetime) -> tuple[Alert, ...]:
        query = select(tables.alerts).where(_A.community == community, _A.last_at >= since)
        return await fetch_all(self._connection, Alert, query.order_by(_A.started_at, _A.id))

    async def alerts_of(self, incident_id: str) -> tuple[Alert, ...]:
        query = select(tables.alerts).where(_A.incident_id == incident_id)
        return await fetch_all(self._connection, Alert, query.order_by(_A.started_at, _A.id))

    async def save_alert(self, alert: Alert) -> None:
        metric = alert.metric.model_dump(mode="json")
        await self._put(tables.alerts, values_of(tables.alerts, alert, metric=metric))

    async def newest_incident(self, community: str) -> Incident | None:
        query = select(tables.incidents).where(_I.community == community)
        newest = query.order_by(_I.opened_at.desc(), _I.id.desc()).limit(1)
        found = await fetch_all(self._connection, Incident, newest)
        return found[0] if found else None

    async def incident(self, incident_id: str, *, lock: bool = False) -> Incident | None:
        where = _I.id == incident_id
        return await fetch_one(self._connection, Incident, tables.incidents, where, lock=lock)

    async def save_incident(self, incident: Incident) -> None:
        await self._put(tables.incidents, values_of(tables.incidents, incident))

    async def add_entry(self, entry: IncidentEntry) -> None:
        row = values_of(tables.incident_entries, entry)
        await add_rows(self._connection, tables.incident_entries, [row])

    async def entries(self, incident_id: str) -> tuple[IncidentEntry, ...]:
        query = select(tables.incident_entries).where(_E.incident_id == incident_id)
        return await fetch_all(self._connection, IncidentEntry, query.order_by(_E.at, _E.id))

    async def notice(self, notice_id: str, *, lock: bool = False) -> Notice | None:
        where = _N.id == notice_id
        return await fetch_one(self._connection, Notice, tables.notices, where, lock=lock)

    async def save_notice(self, notice: Notice) -> None:
        alerts = [alert.model_dump(mode="json") for alert in notice.alerts]
        late = [one.model_dump(mode="json") for one in notice.breaches]
        moved = [one.model_dump(mode="json") for one in notice.drifts]
        row = values_of(tables.notices, notice, alerts=alerts, breaches=late, drifts=moved)
        await self._put(tables.notices, row)

    async def due_notices(self, now: datetime, limit: int) -> tuple[str, ...]:
        query = select(_N.id).where(_N.status == NoticeStatus.PENDING, _N.next_attempt_at <= now)
        found = await self._connection.execute(query.order_by(_N.next_attempt_at).limit(limit))
        return tuple(found.scalars())

    async def _put(self, table: Table, row: dict[str, object]) -> None:
        await self._connection.execute(upsert(table), row)
