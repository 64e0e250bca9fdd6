"""Communities by id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.rows import fetch_all, fetch_one, upsert, values_of
from service.db.tables import communities
from service.domain.community import Community


class SqlCommunities:
    """See `service.ports.store.Communities`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, community_id: str) -> Community | None:
        where = communities.c.id == community_id
        return await fetch_one(self._connection, Community, communities, where)

    async def by_feed(self, feed_hash: str) -> Community | None:
        where = communities.c.feed_hash == feed_hash
        return await fetch_one(self._connection, Community, communities, where)

    async def all(self) -> tuple[Community, ...]:
        query = select(communities).order_by(communities.c.id)
        return await fetch_all(self._connection, Community, query)

    async def save(self, community: Community) -> None:
        row = values_of(communities, community, channels=_plain_channels(community))
        await self._connection.execute(upsert(communities), row)


def _plain_channels(community: Community) -> list[dict[str, object]]:
    return [channel.model_dump(mode="json") for channel in community.channels]
