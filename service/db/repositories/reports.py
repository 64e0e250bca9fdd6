"""Rehearsals, their flips, and the stored cases they go over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import bulk_insert, bulk_values, fetch_all, fetch_one, upsert, values_of
from service.domain.report import Flip, Report, ReportStatus
from service.ports.routing import CasePlace

_P, _F, _S = tables.reports.c, tables.report_flips.c, tables.case_states.c


class SqlReports:
    """See `service.ports.routing.Reports`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, report: Report) -> None:
        row = values_of(tables.reports, report)
        await self._connection.execute(upsert(tables.reports), [row])

    async def get(self, report_id: str) -> Report | None:
        return await fetch_one(self._connection, Report, tables.reports, _P.id == report_id)

    async def unfinished(self, limit: int) -> tuple[Report, ...]:
        going = (ReportStatus.QUEUED, ReportStatus.RUNNING)
        query = select(tables.reports).where(_P.status.in_(going))
        oldest = query.order_by(_P.created_at, _P.id).limit(limit)
        return await fetch_all(self._connection, Report, oldest)

    async def by_hash(self, community: str, digest: str) -> Report | None:
        done = (_P.community == community, _P.hash == digest, _P.status == ReportStatus.DONE)
        query = select(tables.reports).where(*done).order_by(_P.created_at.desc(), _P.id.desc())
        found = await fetch_all(self._connection, Report, query.limit(1))
        return found[0] if found else None

    async def clear(self, report_id: str) -> None:
        await self._connection.execute(delete(tables.report_flips).where(_F.report_id == report_id))

    async def add_flips(self, report_id: str, flips: Sequence[Flip]) -> None:
        rows = [values_of(tables.report_flips, one, report_id=report_id) for one in flips]
        if rows:
            added = bulk_insert(tables.report_flips, rows[0])
            await self._connection.execute(added, bulk_values(rows))

    async def cases(
        self, community: str, *, since: datetime, after: CasePlace | None, limit: int
    ) -> tuple[CasePlace, ...]:
        query = select(_S.last_at, _S.case_id).where(
            _S.community == community, _S.last_at >= since, _S.triage_id.is_not(None)
        )
        if after is not None:
            query = query.where(tuple_(_S.last_at, _S.case_id) < tuple_(*after))
        newest = query.order_by(_S.last_at.desc(), _S.case_id.desc()).limit(limit)
        rows = (await self._connection.execute(newest)).all()
        return tuple(CasePlace(row[0], row[1]) for row in rows)
