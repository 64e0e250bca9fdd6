"""Lists of themes and of clusterings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Double, RowMapping, and_, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries import cursor as cursors
from service.db.rows import to_model
from service.domain.theme import Theme, ThemeRun
from service.domain.views import Page, ThemeRow, ThemeRunView
from service.ports.queries import ThemeFilter

DAYS = 28
"""Length of a trend."""

_H, _R = tables.themes.c, tables.theme_runs.c
_C, _S = tables.case_themes.c, tables.case_states.c


async def list_themes(
    connection: AsyncConnection,
    community: str,
    where: ThemeFilter,
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[ThemeRow]:
    """See `service.ports.queries.Queries.themes`."""
    limit = cursors.bounded(limit)
    query = select(tables.themes).where(_H.community == community, *_conditions(where))
    if after := cursors.score_key(cursor):
        size = literal(after.score, Double)
        query = query.where(or_(_H.size < size, and_(_H.size == size, _H.id > after.id)))
    query = query.order_by(_H.size.desc(), _H.id).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    trends = await trends_of(connection, [row["id"] for row in rows], now)
    return cursors.page(
        rows,
        limit,
        lambda row: theme_row(row, trends.get(row["id"], ()), where.min_authors),
        lambda row: cursors.encode(float(row["size"]), row["id"]),
    )


async def list_runs(
    connection: AsyncConnection, community: str, cursor: str | None, limit: int
) -> Page[ThemeRunView]:
    """See `service.ports.queries.Queries.theme_runs`."""
    limit = cursors.bounded(limit)
    query = select(tables.theme_runs).where(_R.community == community)
    if after := cursors.time_key(cursor):
        query = query.where(tuple_(_R.created_at, _R.id) < tuple_(after.at, after.id))
    query = query.order_by(_R.created_at.desc(), _R.id.desc()).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    return cursors.page(rows, limit, _run, lambda row: cursors.encode(row["created_at"], row["id"]))


def theme_row(row: RowMapping, trend: tuple[int, ...], min_authors: int) -> ThemeRow:
    """A row, its words left out while too few people spoke of it."""
    theme = to_model(Theme, row)
    hidden = theme.authors < min_authors
    story = None if hidden or theme.story is None else theme.story.summary
    name = theme.shown_name
    return ThemeRow(
        theme_id=theme.id,
        level=theme.level,
        status=theme.status,
        owner=theme.owner,
        parent_id=theme.parent_id,
        name_zh="" if hidden else name.zh,
        name_en="" if hidden else name.en,
        summary_zh=story.zh if story else "",
        summary_en=story.en if story else "",
        keywords_zh=() if hidden else theme.keywords_zh,
        keywords_en=() if hidden else theme.keywords_en,
        size=theme.size,
        authors=theme.authors,
        growth=theme.growth,
        first_at=theme.first_at,
        last_at=theme.last_at,
        hidden=hidden,
        trend=trend or (0,) * DAYS,
    )


async def trends_of(
    connection: AsyncConnection, theme_ids: Collection[str], now: datetime
) -> Mapping[str, tuple[int, ...]]:
    """Cases a day of themes and topics over the last `DAYS` days, oldest first."""
    start = now - timedelta(days=DAYS)
    day = func.floor(func.extract("epoch", _S.last_at - start) / 86_400)
    of = func.unnest(func.array_remove(array([_H.id, _H.parent_id]), None))
    query = (
        select(of.label("id"), day.label("day"), func.count().label("cases"))
        .select_from(tables.case_themes)
        .join(tables.themes, _H.id == _C.theme_id)
        .join(tables.case_states, _S.case_id == _C.case_id)
        .where(or_(_H.id.in_(theme_ids), _H.parent_id.in_(theme_ids)))
        .where(_S.last_at > start, _S.last_at <= now)
        .group_by("id", "day")
    )
    counts: dict[str, Counter[int]] = {}
    for row in await connection.execute(query):
        counts.setdefault(row.id, Counter())[min(int(row.day), DAYS - 1)] += row.cases
    return {id: tuple(found[day] for day in range(DAYS)) for id, found in counts.items()}


def _conditions(where: ThemeFilter) -> Iterator[ColumnElement[bool]]:
    yield _H.retired_at.is_(None)
    yield _H.level == where.level
    yield _H.size >= where.min_size
    if where.status is not None:
        yield _H.status == where.status
    if where.min_growth is not None:
        yield _H.growth >= where.min_growth
    if where.parent_id is not None:
        yield _H.parent_id == where.parent_id


def _run(row: RowMapping) -> ThemeRunView:
    run = to_model(ThemeRun, row)
    return ThemeRunView(
        run_id=run.id,
        at=run.created_at,
        clustered=run.clustered,
        unclustered=run.unclustered,
        unclustered_share=round(run.unclustered_share, 4),
    )
