"""People's corrections of cases."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.repositories.duplicates import SqlDuplicates
from service.db.rows import add_rows, fetch_all, values_of
from service.domain.override import Override

_V, _S = tables.overrides.c, tables.case_states.c


class SqlOverrides:
    """See `service.ports.learning.Overrides`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, case_ids: Collection[str]) -> None:
        # Groups before rows, as merging does it: else the two could wait for each other.
        in_group = and_(_S.case_id.in_(case_ids), _S.duplicate_root.is_not(None))
        grouped = select(_S.community).where(or_(in_group, _S.duplicate_root.in_(case_ids)))
        found = await self._connection.execute(grouped.distinct())
        for community in sorted(found.scalars()):
            await SqlDuplicates(self._connection).lock(community)
        rows = select(_S.case_id).where(_S.case_id.in_(case_ids)).order_by(_S.case_id)
        await self._connection.execute(rows.with_for_update())

    async def add(self, override: Override) -> None:
        await add_rows(self._connection, tables.overrides, [values_of(tables.overrides, override)])

    async def of_case(self, case_id: str) -> tuple[Override, ...]:
        query = select(tables.overrides).where(_V.case_id == case_id)
        return await fetch_all(self._connection, Override, query.order_by(_V.created_at, _V.id))
