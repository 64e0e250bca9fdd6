"""What became of posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_new_rows, among, fetch_all, values_of
from service.domain.result import PostResult

_R, _P = tables.post_results.c, tables.post_requests.c

_NEWEST = (_R.as_of.desc(), _R.created_at.desc(), _R.id.desc())


class SqlResults:
    """See `service.ports.results.Results`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, results: Sequence[PostResult]) -> int:
        rows = [
            values_of(
                tables.post_results,
                one,
                as_of=one.as_of.isoformat(),
                created_at=one.created_at.isoformat(),
            )
            for one in results
        ]
        return len(await add_new_rows(self._connection, tables.post_results, rows))

    async def of_post(self, request_id: str, limit: int) -> tuple[PostResult, ...]:
        query = select(tables.post_results).where(_R.post_request_id == request_id)
        return await fetch_all(self._connection, PostResult, query.order_by(*_NEWEST).limit(limit))

    async def newest(self, request_ids: Collection[str]) -> tuple[PostResult, ...]:
        query = (
            select(tables.post_results)
            .ext(distinct_on(_R.post_request_id, _R.metric))
            .where(among(_R.post_request_id, request_ids))
            .order_by(_R.post_request_id, _R.metric, *_NEWEST)
        )
        return await fetch_all(self._connection, PostResult, query)

    async def posts_in(self, community: str, request_ids: Collection[str]) -> frozenset[str]:
        query = select(_P.id).where(_P.community == community, among(_P.id, request_ids))
        return frozenset((await self._connection.execute(query)).scalars())
