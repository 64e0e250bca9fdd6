"""One theme with its history, descent and samples."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries.theme_list import list_themes, theme_row, trends_of
from service.db.rows import fetch_all
from service.domain.theme import ThemeChange, ThemeLevel, ThemeLink
from service.domain.views import ThemeSeen, ThemeView
from service.ports.queries import ThemeFilter

_SEEN, _CHANGES, _SAMPLES, _BELOW = 52, 50, 5, 100

_H, _N, _R = tables.themes.c, tables.theme_snapshots.c, tables.theme_runs.c
_L, _X = tables.theme_links.c, tables.theme_changes.c
_C, _S = tables.case_themes.c, tables.case_states.c


async def theme_view(
    connection: AsyncConnection, theme_id: str, now: datetime, min_authors: int
) -> ThemeView | None:
    """See `service.ports.queries.Queries.theme`."""
    query = select(tables.themes).where(_H.id == theme_id)
    found = (await connection.execute(query)).mappings().first()
    if found is None:
        return None
    trends = await trends_of(connection, [theme_id], now)
    row = theme_row(found, trends.get(theme_id, ()), min_authors)
    below = ThemeFilter(parent_id=theme_id, min_authors=min_authors)
    themes = (
        (await list_themes(connection, found["community"], below, now, None, _BELOW)).items
        if row.level is ThemeLevel.TOPIC
        else ()
    )
    return ThemeView(
        community=found["community"],
        row=row,
        given_name=found["given_name"],
        merged_into=found["merged_into"],
        retired_at=found["retired_at"],
        seen=await _seen(connection, theme_id),
        links=await _links(connection, theme_id),
        changes=await _changes(connection, theme_id),
        themes=themes,
        samples=() if row.hidden else await _samples(connection, theme_id),
    )


async def _seen(connection: AsyncConnection, theme_id: str) -> tuple[ThemeSeen, ...]:
    query = (
        select(_N.run_id, _R.created_at.label("at"), _N.size)
        .join(tables.theme_runs, _R.id == _N.run_id)
        .where(_N.theme_id == theme_id)
        .order_by(_R.created_at.desc(), _R.id.desc())
    )
    return await fetch_all(connection, ThemeSeen, query.limit(_SEEN))


async def _links(connection: AsyncConnection, theme_id: str) -> tuple[ThemeLink, ...]:
    query = select(tables.theme_links).where(
        or_(_L.from_theme == theme_id, _L.to_theme == theme_id)
    )
    query = query.order_by(_L.at.desc(), _L.from_theme, _L.to_theme)
    return await fetch_all(connection, ThemeLink, query)


async def _changes(connection: AsyncConnection, theme_id: str) -> tuple[ThemeChange, ...]:
    query = select(tables.theme_changes).where(_X.theme_id == theme_id)
    query = query.order_by(_X.at.desc(), _X.id.desc())
    return await fetch_all(connection, ThemeChange, query.limit(_CHANGES))


async def _samples(connection: AsyncConnection, theme_id: str) -> tuple[str, ...]:
    query = (
        select(_S.excerpt)
        .join(tables.case_themes, _C.case_id == _S.case_id)
        .where(_C.theme_id == theme_id, _S.excerpt.is_not(None))
        .order_by(_C.similarity.desc(), _C.case_id)
    )
    return tuple((await connection.execute(query.limit(_SAMPLES))).scalars())
