"""Audit rows of model calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, values_of
from service.domain.llm import LLMCall


class SqlLLMCalls:
    """See `service.ports.store.LLMCalls`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, call: LLMCall) -> None:
        await add_rows(self._connection, tables.llm_calls, [values_of(tables.llm_calls, call)])

    async def count(self, community: str, feature: str, since: datetime) -> int:
        c = tables.llm_calls.c
        query = select(func.count()).where(
            c.community == community, c.feature == feature, c.at >= since
        )
        return int(await self._connection.scalar(query) or 0)
