"""Approval policies."""

from __future__ import annotations

from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, values_of
from service.db.types import storable
from service.domain.approval import PolicyVersion

_P = tables.approval_policies.c
_LOCK_SPACE = 0x6170
"""First key of the advisory locks on communities' policies ("ap")."""


class SqlApprovals:
    """See `service.ports.approvals.Approvals`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, version: PolicyVersion) -> None:
        row = values_of(tables.approval_policies, version)
        await add_rows(self._connection, tables.approval_policies, [row])

    async def newest(self, community: str, *, lock: bool = False) -> PolicyVersion | None:
        if lock:
            number = func.hashtext(cast(storable(community), String))
            await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, number)))
        found = await self.history(community, 1)
        return found[0] if found else None

    async def history(self, community: str, limit: int) -> tuple[PolicyVersion, ...]:
        query = select(tables.approval_policies).where(_P.community == community)
        newest = query.order_by(_P.at.desc(), _P.id.desc()).limit(limit)
        return await fetch_all(self._connection, PolicyVersion, newest)
