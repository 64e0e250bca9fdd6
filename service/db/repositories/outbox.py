"""What leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, values_of
from service.domain.delivery import DeliveryAttempt, OutboxEntry, OutboxStatus

_O = tables.outbox_entries.c


class SqlOutbox:
    """See `service.ports.desk.Outbox`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, entry: OutboxEntry) -> None:
        row = values_of(tables.outbox_entries, entry)
        await add_rows(self._connection, tables.outbox_entries, [row])

    async def get(self, entry_id: str, *, lock: bool = False) -> OutboxEntry | None:
        table, where = tables.outbox_entries, _O.id == entry_id
        return await fetch_one(self._connection, OutboxEntry, table, where, lock=lock)

    async def for_decision(self, decision_id: str, *, lock: bool = False) -> OutboxEntry | None:
        table, where = tables.outbox_entries, _O.decision_id == decision_id
        return await fetch_one(self._connection, OutboxEntry, table, where, lock=lock)

    async def of_post(self, request_id: str, *, lock: bool = False) -> tuple[OutboxEntry, ...]:
        made = select(tables.drafts.c.id).where(tables.drafts.c.post_request_id == request_id)
        query = (
            select(tables.outbox_entries)
            .join(tables.decisions, tables.decisions.c.id == _O.decision_id)
            .where(tables.decisions.c.draft_id.in_(made), tables.decisions.c.undone_at.is_(None))
            .order_by(_O.id)
        )
        held = query.with_for_update(of=tables.outbox_entries) if lock else query
        return await fetch_all(self._connection, OutboxEntry, held)

    async def save(self, entry: OutboxEntry) -> None:
        row = values_of(tables.outbox_entries, entry)
        await self._connection.execute(
            update(tables.outbox_entries).where(_O.id == entry.id).values(row)
        )

    async def add_attempt(self, attempt: DeliveryAttempt) -> None:
        row = values_of(tables.delivery_attempts, attempt)
        await add_rows(self._connection, tables.delivery_attempts, [row])

    async def due(self, now: datetime, limit: int) -> tuple[str, ...]:
        query = (
            select(_O.id)
            .where(
                _O.status == OutboxStatus.PENDING,
                _O.next_attempt_at <= now,
                _O.not_before <= now,
            )
            .order_by(_O.next_attempt_at)
            .limit(limit)
        )
        return tuple((await self._connection.execute(query)).scalars())
