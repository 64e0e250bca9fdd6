"""Lists of replays, and of the cases each would decide otherwise."""

from __future__ import annotations

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries import cursor as cursors
from service.db.queries.newest import newest
from service.db.rows import to_model
from service.db.types import storable
from service.domain.preview import Preview, PreviewFlip
from service.domain.views import Page

_P, _F = tables.previews.c, tables.preview_flips.c


async def list_previews(
    connection: AsyncConnection, community: str, kind: str | None, cursor: str | None, limit: int
) -> Page[Preview]:
    """On the community's cases, newest first."""
    query = select(tables.previews).where(_P.community == community)
    if kind is not None:
        query = query.where(_P.kind == kind)
    return await newest(connection, Preview, tables.previews, query, cursor, limit)


async def list_flips(
    connection: AsyncConnection, preview_id: str, kind: str | None, cursor: str | None, limit: int
) -> Page[PreviewFlip]:
    """The heaviest first."""
    limit = cursors.bounded(limit)
    query = select(tables.preview_flips).where(_F.preview_id == storable(preview_id))
    if kind is not None:
        query = query.where(_F.kinds.contains([kind]))
    if after := cursors.score_key(cursor):
        query = query.where(tuple_(-_F.weight, _F.case_id) > tuple_(-int(after.score), after.id))
    query = query.order_by(_F.weight.desc(), _F.case_id).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    return cursors.page(
        rows, limit, lambda row: to_model(PreviewFlip, row),
        lambda row: cursors.encode(float(row["weight"]), row["case_id"]),
    )  # fmt: skip
