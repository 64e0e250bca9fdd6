"""The smaller lists: posts, deliveries, notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, Table, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries import cursor as cursors
from service.db.queries.newest import newest
from service.db.rows import fetch_all, to_model
from service.domain.delivery import DeliveryAttempt, OutboxEntry
from service.domain.event import Event
from service.domain.knowledge import Suggestion, SuggestionStatus
from service.domain.notice import Notice
from service.domain.post import PostRequest
from service.domain.views import DeliveryView, Page

_A = tables.delivery_attempts.c


async def list_posts(
    connection: AsyncConnection, community: str, cursor: str | None, limit: int
) -> Page[PostRequest]:
    """Post requests, newest first."""
    limit = cursors.bounded(limit)
    query = _newest(tables.post_requests, community, cursor).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    return cursors.page(rows, limit, lambda row: to_model(PostRequest, row), _place)


async def list_events(
    connection: AsyncConnection, community: str, cursor: str | None, limit: int
) -> Page[Event]:
    """Events, the one that began last first."""
    query = select(tables.events).where(tables.events.c.community == community)
    return await newest(connection, Event, tables.events, query, cursor, limit, by="start")


async def list_suggestions(
    connection: AsyncConnection, community: str, status: SuggestionStatus | None, now: datetime,
    cursor: str | None, limit: int,
) -> Page[Suggestion]:  # fmt: skip
    """Suggested entries of the FAQ, newest first; what was put off until now waits again."""
    c = tables.suggestions.c
    query = select(tables.suggestions).where(c.community == community)
    back = and_(c.status == SuggestionStatus.POSTPONED.value, c.postponed_until <= now)
    if status is SuggestionStatus.PROPOSED:
        query = query.where(or_(c.status == status.value, back))
    elif status is not None:
        query = query.where(c.status == status.value, ~back)
    return await newest(connection, Suggestion, tables.suggestions, query, cursor, limit)


async def list_deliveries(
    connection: AsyncConnection,
    community: str,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[DeliveryView]:
    """Outbox entries with their attempts, newest first."""
    limit = cursors.bounded(limit)
    query = _newest(tables.outbox_entries, community, cursor).limit(limit + 1)
    if status is not None:
        query = query.where(tables.outbox_entries.c.status == status)
    rows = (await connection.execute(query)).mappings().all()
    tried = await _attempts(connection, [row["id"] for row in rows])
    return cursors.page(rows, limit, lambda row: _delivery(row, tried), _place)


async def list_notices(
    connection: AsyncConnection, community: str, kind: str | None, status: str | None,
    cursor: str | None, limit: int,
) -> Page[Notice]:  # fmt: skip
    """Notices, newest first."""
    c = tables.notices.c
    query = select(tables.notices).where(c.community == community)
    if kind is not None:
        query = query.where(c.kind == kind)
    if status is not None:
        query = query.where(c.status == status)
    return await newest(connection, Notice, tables.notices, query, cursor, limit)


def _newest(table: Table, community: str, cursor: str | None) -> Select[Any]:
    c = table.c
    query = select(table).where(c.community == community)
    if after := cursors.time_key(cursor):
        query = query.where(tuple_(c.created_at, c.id) < tuple_(after.at, after.id))
    return query.order_by(c.created_at.desc(), c.id.desc())


def _place(row: RowMapping) -> str:
    return cursors.encode(row["created_at"], row["id"])


async def _attempts(
    connection: AsyncConnection, entry_ids: Collection[str]
) -> Mapping[str, list[DeliveryAttempt]]:
    query = select(tables.delivery_attempts).where(_A.entry_id.in_(entry_ids))
    found: dict[str, list[DeliveryAttempt]] = defaultdict(list)
    for one in await fetch_all(connection, DeliveryAttempt, query.order_by(_A.number, _A.at)):
        found[one.entry_id].append(one)
    return found


def _delivery(row: RowMapping, tried: Mapping[str, list[DeliveryAttempt]]) -> DeliveryView:
    return DeliveryView(entry=to_model(OutboxEntry, row), attempts=tuple(tried.get(row["id"], ())))
