"""People's corrections of cases."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, values_of
from service.domain.override import Override

_V, _S = tables.overrides.c, tables.case_states.c


class SqlOverrides:
    """See `service.ports.learning.Overrides`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, case_ids: Collection[str]) -> None:
        rows = select(_S.case_id).where(_S.case_id.in_(case_ids)).order_by(_S.case_id)
        await self._connection.execute(rows.with_for_update())

    async def add(self, override: Override) -> None:
        await add_rows(self._connection, tables.overrides, [values_of(tables.overrides, override)])

    async def of_case(self, case_id: str) -> tuple[Override, ...]:
        query = select(tables.overrides).where(_V.case_id == case_id)
        return await fetch_all(self._connection, Override, query.order_by(_V.created_at, _V.id))
