"""Lists of rehearsals, their flips, and missed deadlines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries import cursor as cursors
from service.db.queries.newest import newest
from service.db.rows import to_model
from service.db.types import storable
from service.domain.deadline import Breach
from service.domain.report import Flip, Report
from service.domain.views import Page

_P, _F, _B = tables.reports.c, tables.report_flips.c, tables.sla_breaches.c


async def list_reports(
    connection: AsyncConnection, community: str, kind: str | None, cursor: str | None, limit: int
) -> Page[Report]:
    """Newest first."""
    query = select(tables.reports).where(_P.community == community)
    if kind is not None:
        query = query.where(_P.kind == kind)
    return await newest(connection, Report, tables.reports, query, cursor, limit)


async def list_flips(
    connection: AsyncConnection, report_id: str, cursor: str | None, limit: int
) -> Page[Flip]:
    """In the order they were found: newest cases first."""
    limit = cursors.bounded(limit)
    query = select(tables.report_flips).where(_F.report_id == storable(report_id))
    if after := cursors.score_key(cursor):
        query = query.where(_F.number > after.score)
    query = query.order_by(_F.number).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    return cursors.page(
        rows, limit, lambda row: to_model(Flip, row),
        lambda row: cursors.encode(float(row["number"]), row["case_id"]),
    )  # fmt: skip


async def list_breaches(
    connection: AsyncConnection, community: str, kind: str | None, since: datetime | None,
    cursor: str | None, limit: int,
) -> Page[Breach]:  # fmt: skip
    """Newest first."""
    query = select(tables.sla_breaches).where(_B.community == community)
    if kind is not None:
        query = query.where(_B.kind == kind)
    if since is not None:
        query = query.where(_B.at >= since)
    return await newest(connection, Breach, tables.sla_breaches, query, cursor, limit, by="at")
