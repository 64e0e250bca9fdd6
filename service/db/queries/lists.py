"""The smaller lists: posts, deliveries, notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries.newest import newest
from service.db.rows import fetch_all
from service.domain.delivery import DeliveryAttempt, OutboxEntry
from service.domain.event import Event
from service.domain.knowledge import Suggestion, SuggestionStatus
from service.domain.notice import Notice
from service.domain.post import PostRequest
from service.domain.sample import Sample, SampleStatus
from service.domain.views import DeliveryView, Page

_A = tables.delivery_attempts.c


async def list_posts(
    connection: AsyncConnection, community: str, cursor: str | None, limit: int
) -> Page[PostRequest]:
    """Post requests, newest first."""
    c = tables.post_requests.c
    query = select(tables.post_requests).where(c.community == community)
    return await newest(connection, PostRequest, tables.post_requests, query, cursor, limit)


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


async def list_samples(
    connection: AsyncConnection, community: str, status: SampleStatus | None,
    cursor: str | None, limit: int,
) -> Page[Sample]:  # fmt: skip
    """Test cases, newest first."""
    query = select(tables.samples).where(tables.samples.c.community == community)
    if status is not None:
        query = query.where(tables.samples.c.status == status.value)
    return await newest(connection, Sample, tables.samples, query, cursor, limit)


async def list_deliveries(
    connection: AsyncConnection,
    community: str,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[DeliveryView]:
    """Outbox entries with their attempts, newest first."""
    c = tables.outbox_entries.c
    query = select(tables.outbox_entries).where(c.community == community)
    if status is not None:
        query = query.where(c.status == status)
    page = await newest(connection, OutboxEntry, tables.outbox_entries, query, cursor, limit)
    tried = await _attempts(connection, [entry.id for entry in page.items])
    shown = tuple(
        DeliveryView(entry=entry, attempts=tuple(tried.get(entry.id, ()))) for entry in page.items
    )
    return Page(items=shown, cursor=page.cursor)


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


async def _attempts(
    connection: AsyncConnection, entry_ids: Collection[str]
) -> Mapping[str, list[DeliveryAttempt]]:
    query = select(tables.delivery_attempts).where(_A.entry_id.in_(entry_ids))
    found: dict[str, list[DeliveryAttempt]] = defaultdict(list)
    for one in await fetch_all(connection, DeliveryAttempt, query.order_by(_A.number, _A.at)):
        found[one.entry_id].append(one)
    return found
