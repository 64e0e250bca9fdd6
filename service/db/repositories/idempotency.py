"""Answers kept for retried writes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.ports.store import StoredResponse

KEPT = timedelta(days=1)
"""How long an answer is kept at least."""

_I = tables.idempotency.c


class SqlIdempotency:
    """See `service.ports.store.Idempotency`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, actor: str, key: str) -> StoredResponse | None:
        query = select(_I.body_hash, _I.status, _I.body).where(_I.actor == actor, _I.key == key)
        row = (await self._connection.execute(query)).first()
        return None if row is None else StoredResponse(*row)

    async def put(self, actor: str, key: str, response: StoredResponse, at: datetime) -> None:
        await self._connection.execute(delete(tables.idempotency).where(_I.at < at - KEPT))
        row = {"actor": actor, "key": key, "at": at, **response._asdict()}
        keep_first = insert(tables.idempotency).on_conflict_do_nothing()
        await self._connection.execute(keep_first, row)
