"""Clustering runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, values_of
from service.domain.theme import Theme, ThemeMember, ThemeRun


class SqlThemes:
    """See `service.ports.store.Themes`. A theme has one row in every run that found it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save_run(
        self, run: ThemeRun, themes: Sequence[Theme], members: Sequence[ThemeMember]
    ) -> None:
        await add_rows(self._connection, tables.theme_runs, [values_of(tables.theme_runs, run)])
        found = [values_of(tables.themes, theme) for theme in themes]
        await add_rows(self._connection, tables.themes, found)
        rows = (values_of(tables.theme_members, one, run_id=run.id) for one in members)
        await add_rows(self._connection, tables.theme_members, rows)
