"""Versions of what engines are built from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.rows import upsert
from service.db.tables import engine_versions


class SqlVersions:
    """See `service.ports.learning.Versions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Mapping[str, str]:
        rows = await self._connection.execute(
            select(engine_versions.c.name, engine_versions.c.version)
        )
        return {row.name: row.version for row in rows}

    async def put(self, name: str, version: str, at: datetime) -> None:
        row = {"name": name, "version": version, "at": at}
        await self._connection.execute(upsert(engine_versions), [row])
