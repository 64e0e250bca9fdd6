"""What models used, summed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries import cursor as cursors
from service.db.rows import to_model
from service.domain.llm import LLMStatus
from service.domain.views import Page
from service.ports.spending import UsageFilter, UsageGroup, UsageRow

_C = tables.llm_calls.c
_KEYS: dict[UsageGroup, ColumnElement[Any]] = {
    UsageGroup.FEATURE: _C.feature,
    UsageGroup.PROVIDER: _C.provider,
    UsageGroup.MODEL: _C.model,
    UsageGroup.COMMUNITY: _C.community,
    UsageGroup.DAY: func.to_char(func.timezone("UTC", _C.at), "YYYY-MM-DD"),
}


async def usage(
    connection: AsyncConnection, where: UsageFilter, cursor: str | None, limit: int
) -> Page[UsageRow]:
    """By key, so that a page does not move while calls come in."""
    limit, key = cursors.bounded(limit), cast(_KEYS[where.group], Text).collate("C")
    query = select(
        key.label("key"),
        func.count().label("calls"),
        func.count().filter(_C.status != LLMStatus.OK).label("failed"),
        func.sum(_C.prompt_tokens).label("prompt_tokens"),
        func.sum(_C.cached_tokens).label("cached_tokens"),
        func.sum(_C.completion_tokens).label("completion_tokens"),
        func.sum(_C.cost).label("cost"),
    ).where(_C.at >= where.since, _C.at < where.until)
    if where.community is not None:
        query = query.where(_C.community == where.community)
    if after := cursors.score_key(cursor):
        query = query.where(key > after.id)
    query = query.group_by(key).order_by(key).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    return cursors.page(
        rows, limit, lambda row: to_model(UsageRow, row),
        lambda row: cursors.encode(0.0, row["key"]),
    )  # fmt: skip
