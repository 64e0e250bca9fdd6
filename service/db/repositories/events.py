"""Events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import Values, add_rows, fetch_all, fetch_one, values_of
from service.db.types import storable
from service.domain.event import Event

_E = tables.events.c


class SqlEvents:
    """See `service.ports.events.Events`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, event: Event) -> None:
        await add_rows(self._connection, tables.events, [_row(event)])

    async def get(self, event_id: str, *, lock: bool = False) -> Event | None:
        where = _E.id == event_id
        return await fetch_one(self._connection, Event, tables.events, where, lock=lock)

    async def save(self, event: Event) -> None:
        statement = update(tables.events).where(_E.id == event.id).values(_row(event))
        await self._connection.execute(statement)

    async def find(self, community: str, subject: str) -> Event | None:
        named = _E.details["name"].astext == storable(subject)
        query = select(tables.events).where(
            _E.community == community, or_(_E.id == storable(subject), named)
        )
        newest = query.order_by(_E.start.desc(), _E.id.desc()).limit(1)
        return next(iter(await fetch_all(self._connection, Event, newest)), None)

    async def earlier(self, community: str, than: datetime, limit: int) -> tuple[Event, ...]:
        query = select(tables.events).where(_E.community == community, _E.start < than)
        ordered = query.order_by(_E.start.desc(), _E.id.desc()).limit(limit)
        return await fetch_all(self._connection, Event, ordered)

    async def between(self, community: str, since: datetime, until: datetime) -> tuple[Event, ...]:
        query = select(tables.events).where(
            _E.community == community, _E.start >= since, _E.start < until
        )
        return await fetch_all(self._connection, Event, query.order_by(_E.start, _E.id))


def _row(event: Event) -> Values:
    return values_of(tables.events, event, details=event.details.model_dump(mode="json"))
