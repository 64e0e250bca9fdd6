"""Budgets of model calls, and what is set aside for those under way."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Date, Select, cast, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_one, upsert, values_of
from service.domain.spend import Limits, Reservation, Spent

_LOCK_SPACE = 0x6C6D
_S, _R, _B = tables.llm_spend.c, tables.llm_reservations.c, tables.llm_budgets.c


def utc_day(at: datetime) -> date:
    """The day of UTC a moment belongs to."""
    return at.astimezone(UTC).date()


class SqlSpending:
    """See `service.ports.spending.Spending`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, 0)))

    async def spent(self, community: str | None, now: datetime) -> Spent:
        today = utc_day(now)
        used = _used(community, today.replace(day=1)).subquery()
        is_today = used.c.day >= today
        sums = select(
            func.sum(used.c.tokens).filter(is_today),
            func.sum(used.c.tokens),
            func.sum(used.c.cost).filter(is_today),
            func.sum(used.c.cost),
        )
        row = (await self._connection.execute(sums)).one()
        names = ("tokens_per_day", "tokens_per_month", "cost_per_day", "cost_per_month")
        return Spent.model_validate({n: v for n, v in zip(names, row, strict=True) if v})

    async def reserve(self, reservation: Reservation) -> None:
        row = values_of(tables.llm_reservations, reservation)
        await add_rows(self._connection, tables.llm_reservations, [row])

    async def own_limits(self, community: str) -> Limits | None:
        where = _B.community == community
        return await fetch_one(self._connection, Limits, tables.llm_budgets, where)

    async def set_own_limits(
        self, community: str, limits: Limits, *, by: str, at: datetime
    ) -> None:
        row = values_of(tables.llm_budgets, limits, community=community, set_by=by, set_at=at)
        await self._connection.execute(upsert(tables.llm_budgets), [row])


def _used(community: str | None, first: date) -> Select[tuple[date, int, float]]:
    """Settled and reserved since a day, in one statement: a call that is settled meanwhile is
    seen once."""
    begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
    day = cast(func.timezone("UTC", _R.at), Date).label("day")
    settled = select(_S.day, _S.tokens, _S.cost).where(_S.day >= first)
    reserved = select(day, _R.tokens, _R.cost).where(_R.at >= begins)
    if community is not None:
        settled = settled.where(_S.community == community)
        reserved = reserved.where(_R.community == community)
    both = union_all(settled, reserved).subquery()
    return select(both.c.day, both.c.tokens, both.c.cost)
