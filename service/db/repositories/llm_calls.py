"""Audit rows of model calls, which settle what was set aside for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.repositories.spending import utc_day
from service.db.rows import add_rows, values_of
from service.domain.llm import LLMCall


class SqlLLMCalls:
    """See `service.ports.store.LLMCalls`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, call: LLMCall) -> None:
        await add_rows(self._connection, tables.llm_calls, [values_of(tables.llm_calls, call)])
        done = tables.llm_reservations.c.id == call.id
        await self._connection.execute(delete(tables.llm_reservations).where(done))
        tokens = call.prompt_tokens + call.completion_tokens
        if tokens or call.cost:
            await self._connection.execute(_more(call, tokens))

    async def count(self, community: str, feature: str, since: datetime) -> int:
        c = tables.llm_calls.c
        query = select(func.count()).where(
            c.community == community, c.feature == feature, c.at >= since
        )
        return int(await self._connection.scalar(query) or 0)


def _more(call: LLMCall, tokens: int) -> Insert:
    """Adds to the community's day."""
    day = {"community": call.community, "day": utc_day(call.at)}
    new = insert(tables.llm_spend).values(**day, tokens=tokens, cost=call.cost)
    s = tables.llm_spend.c
    return new.on_conflict_do_update(
        index_elements=[s.community, s.day],
        set_={"tokens": s.tokens + new.excluded.tokens, "cost": s.cost + new.excluded.cost},
    )
