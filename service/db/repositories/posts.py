"""Post requests."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_one, values_of
from service.domain.post import PostRequest

_P, _D = tables.post_requests.c, tables.drafts.c


class SqlPosts:
    """See `service.ports.desk.Posts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, request: PostRequest) -> None:
        row = values_of(tables.post_requests, request)
        await add_rows(self._connection, tables.post_requests, [row])

    async def get(self, request_id: str) -> PostRequest | None:
        where = _P.id == request_id
        return await fetch_one(self._connection, PostRequest, tables.post_requests, where)

    async def pending(self, limit: int) -> tuple[str, ...]:
        drafts = select(func.count()).where(_D.post_request_id == _P.id, _D.supersedes.is_(None))
        asked = func.greatest(1, func.coalesce(func.jsonb_array_length(_P.brief["variants"]), 1))
        query = select(_P.id).where(drafts.scalar_subquery() < asked)
        query = query.order_by(_P.created_at).limit(limit)
        return tuple((await self._connection.execute(query)).scalars())
