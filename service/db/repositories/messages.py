"""Messages as received."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.repositories.pairs import pairs_table
from service.db.rows import add_new_rows, fetch_all, values_of
from service.domain.message import Message


class SqlMessages:
    """See `service.ports.store.Messages`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def known(
        self, community: str, refs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Message]:
        if not refs:
            return {}
        wanted = pairs_table(refs, "source", "external_id")
        same = and_(
            tables.messages.c.source == wanted.c.source,
            tables.messages.c.external_id == wanted.c.external_id,
        )
        query = (
            select(tables.messages)
            .join(wanted, same)
            .where(tables.messages.c.community == community)
        )
        found = await fetch_all(self._connection, Message, query)
        return {(message.source, message.external_id): message for message in found}

    async def add(self, messages: Sequence[Message]) -> None:
        rows = [values_of(tables.messages, message) for message in messages]
        await add_new_rows(self._connection, tables.messages, rows)
