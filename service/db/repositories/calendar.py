"""Series of posts and moved posts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, values_of
from service.domain.calendar import PostMove, Series

_S, _P, _M = tables.post_series.c, tables.series_posts.c, tables.post_moves.c


class SqlCalendar:
    """See `service.ports.calendar.Calendar`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_series(self, series: Series) -> None:
        row = values_of(tables.post_series, series)
        await add_rows(self._connection, tables.post_series, [row])

    async def series(self, series_id: str, *, lock: bool = False) -> Series | None:
        where = _S.id == series_id
        return await fetch_one(self._connection, Series, tables.post_series, where, lock=lock)

    async def save_series(self, series: Series) -> None:
        row = values_of(tables.post_series, series)
        changed = update(tables.post_series).where(_S.id == series.id).values(row)
        await self._connection.execute(changed)

    async def running(self, community: str | None = None) -> tuple[Series, ...]:
        query = select(tables.post_series).where(_S.ended_at.is_(None)).order_by(_S.id)
        if community is not None:
            query = query.where(_S.community == community)
        return await fetch_all(self._connection, Series, query)

    async def made(self, series_id: str, since: datetime) -> frozenset[datetime]:
        query = select(_P.occurrence).where(_P.series_id == series_id, _P.occurrence >= since)
        return frozenset((await self._connection.execute(query)).scalars())

    async def record(self, series_id: str, occurrence: datetime, request_id: str) -> None:
        row = {"series_id": series_id, "occurrence": occurrence, "post_request_id": request_id}
        await add_rows(self._connection, tables.series_posts, [row])

    async def add_move(self, move: PostMove) -> None:
        row = values_of(tables.post_moves, move)
        await add_rows(self._connection, tables.post_moves, [row])

    async def move_of(self, request_id: str) -> PostMove | None:
        query = select(tables.post_moves).where(_M.post_request_id == request_id)
        newest = query.order_by(_M.created_at.desc(), _M.id.desc()).limit(1)
        found = await fetch_all(self._connection, PostMove, newest)
        return found[0] if found else None
