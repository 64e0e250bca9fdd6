"""The `Insights` port on one engine: each call is a short read-only transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.db import tables
from service.db.queries import conflicts, gaps, participation, trends
from service.db.queries import cursor as cursors
from service.db.queries.newest import newest
from service.db.repositories import SqlDrift, SqlRadar
from service.db.rows import fetch_all, to_model
from service.db.uow import translated
from service.domain.alert import QUIET, Alert, Reading
from service.domain.base import Bilingual
from service.domain.drift import QUIET as STILL
from service.domain.drift import DriftAlarm, Shift
from service.domain.incident import Incident, IncidentStatus
from service.domain.views import Page
from service.ports.insights import (
    Bucket,
    ClausePair,
    DriftView,
    EventFunnel,
    Gap,
    Participation,
    RadarView,
    Trend,
    TrendGroup,
    TrendMetric,
)

_READINGS = TypeAdapter(tuple[Reading, ...])
_SHIFTS = TypeAdapter(tuple[Shift, ...])
_D = tables.drift_states.c
_A, _I, _S, _R, _H = (
    tables.alerts.c,
    tables.incidents.c,
    tables.case_states.c,
    tables.radar_states.c,
    tables.themes.c,
)


class SqlInsights:
    """See `service.ports.insights.Insights`.

    Raises:
        TransientProviderError: the database is busy or away.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

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
        async with self._read() as connection:
            return await trends.trend(
                connection, community, zone, metric, group, bucket, since, until, key
            )

    async def radar(self, community: str, now: datetime) -> RadarView:
        """The newest readings; alerts are still on while their metric was not calm for long."""
        async with self._read() as connection:
            query = select(_R.at, _R.readings).where(_R.community == community)
            row = (await connection.execute(query)).mappings().first()
            alerts = await SqlRadar(connection).open_alerts(community, now - QUIET)
            moved = await _going_on(connection, community, now)
        return RadarView(
            at=row["at"] if row else None,
            readings=_READINGS.validate_python(row["readings"]) if row else (),
            alerts=alerts,
            drift=moved,
        )

    async def drift(self, community: str, now: datetime) -> DriftView:
        query = select(_D.at, _D.shifts).where(_D.community == community)
        async with self._read() as connection:
            row = (await connection.execute(query)).mappings().first()
            alarms = await _going_on(connection, community, now)
        return DriftView(
            at=row["at"] if row else None,
            shifts=_SHIFTS.validate_python(row["shifts"]) if row else (),
            alarms=alarms,
        )

    async def drift_alarms(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[DriftAlarm]:
        table = tables.drift_alarms
        query = select(table).where(table.c.community == community)
        async with self._read() as connection:
            return await newest(
                connection, DriftAlarm, table, query, cursor, limit, by="started_at"
            )

    async def incidents(
        self,
        community: str,
        *,
        status: IncidentStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Incident]:
        limit = cursors.bounded(limit)
        query = select(tables.incidents).where(_I.community == community)
        if status is not None:
            query = query.where(_I.status == status)
        if after := cursors.time_key(cursor):
            query = query.where(tuple_(_I.opened_at, _I.id) < tuple_(after.at, after.id))
        query = query.order_by(_I.opened_at.desc(), _I.id.desc()).limit(limit + 1)
        async with self._read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return cursors.page(
            rows,
            limit,
            lambda row: to_model(Incident, row),
            lambda row: cursors.encode(row["opened_at"], row["id"]),
        )

    async def participation(
        self, community: str, zone: str, *, since: date, until: date, bucket: Bucket
    ) -> Participation:
        async with self._read() as connection:
            return await participation.participation(
                connection, community, zone, since, until, bucket
            )

    async def event(
        self, community: str, *, start: datetime, end: datetime, channel: str | None
    ) -> EventFunnel:
        async with self._read() as connection:
            return await participation.event(connection, community, start, end, channel)

    async def alerts_of(self, incident_ids: Collection[str]) -> Mapping[str, tuple[Alert, ...]]:
        query = select(tables.alerts).where(_A.incident_id.in_(incident_ids))
        ordered = query.order_by(_A.level.desc(), _A.surprise.desc(), _A.id)
        found: dict[str, list[Alert]] = defaultdict(list)
        async with self._read() as connection:
            for alert in await fetch_all(connection, Alert, ordered):
                found[str(alert.incident_id)].append(alert)
        return {incident: tuple(alerts) for incident, alerts in found.items()}

    async def gaps(
        self, community: str, *, since: datetime, least: int, refusal: str | None = None
    ) -> tuple[Gap, ...]:
        async with self._read() as connection:
            staff = await participation.staff_of(connection, community)
            return await gaps.list_gaps(connection, community, since, refusal, staff, least)

    async def conflicts(self, community: str, *, since: datetime) -> tuple[ClausePair, ...]:
        async with self._read() as connection:
            staff = await participation.staff_of(connection, community)
            return await conflicts.list_conflicts(connection, community, since, staff)

    async def excerpts(self, case_ids: Collection[str]) -> Mapping[str, str]:
        query = select(_S.case_id, _S.excerpt).where(
            _S.case_id.in_(case_ids), _S.excerpt.is_not(None)
        )
        async with self._read() as connection:
            return {row.case_id: row.excerpt for row in await connection.execute(query)}

    async def theme_names(
        self, community: str, theme_ids: Collection[str], *, min_authors: int
    ) -> Mapping[str, Bilingual]:
        shown = func.coalesce(_H.given_name, _H.name)
        query = select(_H.id, shown.label("name")).where(
            _H.community == community, _H.id.in_(theme_ids), _H.authors >= min_authors
        )
        async with self._read() as connection:
            return {
                row.id: Bilingual.model_validate(row.name)
                for row in await connection.execute(query)
            }

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        with translated():
            async with self._engine.connect() as connection:
                yield await connection.execution_options(postgresql_readonly=True)


async def _going_on(
    connection: AsyncConnection, community: str, now: datetime
) -> tuple[DriftAlarm, ...]:
    """Gravest first."""
    heard = await SqlDrift(connection).alarms(community, now - STILL)
    still = [one for one in heard if one.open_at(now)]
    return tuple(sorted(still, key=lambda one: (-one.level, one.started_at)))
