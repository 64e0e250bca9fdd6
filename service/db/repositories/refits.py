"""Comparisons of sets of examples."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.rows import add_rows, fetch_one, values_of
from service.db.tables import refits
from service.domain.refit import Refit


class SqlRefits:
    """See `service.ports.learning.Refits`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, refit: Refit) -> None:
        await add_rows(self._connection, refits, [values_of(refits, refit)])

    async def get(self, refit_id: str) -> Refit | None:
        return await fetch_one(self._connection, Refit, refits, refits.c.id == refit_id)
