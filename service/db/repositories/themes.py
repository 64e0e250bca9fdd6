"""Lasting themes, clustering runs, and the theme of each case."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row, RowMapping, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.types import FloatMatrix, FloatVector
from service.db import tables
from service.db.repositories.theme_counts import COUNT_THEMES, COUNT_TOPICS
from service.db.rows import (
    Values,
    add_rows,
    bulk_insert,
    bulk_values,
    fetch_all,
    fetch_one,
    replacing,
    to_model,
    upsert,
    values_of,
)
from service.domain.theme import Theme, ThemeChange, ThemeLevel, ThemeLink, ThemeMember, ThemeRun
from service.errors import ConfigurationError
from service.ports.engines import ThemeFrame
from service.ports.themes import CaseMaterial, FoundTheme, Material, StoredFrame

_DTYPE = np.dtype("<f4")
_H, _R, _N = tables.themes.c, tables.theme_runs.c, tables.theme_snapshots.c
case_themes = tables.case_themes
_C, _S, _T, _V = case_themes.c, tables.case_states.c, tables.triages.c, tables.vectors.c

_MATERIAL = (
    select(
        _S.case_id,
        _S.author,
        _S.last_at,
        _S.category,
        _T.judgement["redacted"]["text"].astext.label("text"),
        _T.judgement["signals"].label("signals"),
        _V.vector,
    )
    .join(tables.triages, _T.id == _S.triage_id)
    .join(
        tables.vectors,
        and_(_V.community == _S.community, _V.id == _S.case_id, _V.kind == "case"),
    )
)


class SqlThemes:
    """See `service.ports.themes.Themes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def material(self, community: str, *, since: datetime, limit: int) -> Material:
        query = _MATERIAL.where(_S.community == community, _S.last_at >= since)
        newest = query.order_by(_S.last_at.desc(), _S.case_id.desc()).limit(limit)
        return await self._material(newest)

    async def material_of(self, case_ids: Collection[str]) -> Material:
        query = _MATERIAL.where(_S.case_id.in_(case_ids))
        return await self._material(query.order_by(_S.case_id))

    async def living(self, community: str, *, lock: bool = False) -> tuple[Theme, ...]:
        query = select(tables.themes).where(_H.community == community, _H.retired_at.is_(None))
        query = query.order_by(_H.id)
        return await fetch_all(self._connection, Theme, query.with_for_update() if lock else query)

    async def get(self, theme_id: str, *, lock: bool = False) -> Theme | None:
        return await fetch_one(self._connection, Theme, tables.themes, _H.id == theme_id, lock=lock)

    async def save(self, theme: Theme) -> None:
        await self._connection.execute(upsert(tables.themes), [_theme_row(theme)])

    async def members(self, community: str) -> Mapping[str, str]:
        query = select(_C.case_id, _C.theme_id).where(_C.community == community)
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def cases_of(self, theme_id: str) -> tuple[str, ...]:
        query = select(_C.case_id).where(_C.theme_id == theme_id).order_by(_C.case_id)
        return tuple((await self._connection.execute(query)).scalars())

    async def samples(self, theme_id: str, count: int) -> tuple[str, ...]:
        query = (
            select(_S.excerpt)
            .join(case_themes, _C.case_id == _S.case_id)
            .where(_C.theme_id == theme_id, _S.excerpt.is_not(None))
            .order_by(_C.similarity.desc(), _C.case_id)
        )
        return tuple((await self._connection.execute(query.limit(count))).scalars())

    async def centres(self, theme_ids: Collection[str]) -> Mapping[str, FloatVector]:
        newest = (
            select(_N.theme_id, _N.centre)
            .ext(distinct_on(_N.theme_id))
            .join(tables.theme_runs, _R.id == _N.run_id)
            .where(_N.theme_id.in_(theme_ids))
            .order_by(_N.theme_id, _R.created_at.desc(), _R.id.desc())
        )
        rows = (await self._connection.execute(newest)).all()
        return {row[0]: np.frombuffer(row[1], dtype=_DTYPE) for row in rows}

    async def newest_run(self, community: str) -> ThemeRun | None:
        row = await self._newest(community)
        return None if row is None else to_model(ThemeRun, row)

    async def frame(self, community: str) -> StoredFrame | None:
        run = await self._newest(community)
        if run is None:
            return None
        query = (
            select(_N.theme_id, _H.merged_into, _N.centre, _N.reach)
            .join(tables.themes, _H.id == _N.theme_id)
            .where(_N.run_id == run["id"], _H.level == ThemeLevel.THEME)
            .order_by(_N.theme_id)
        )
        rows = (await self._connection.execute(query)).all()
        means = np.frombuffer(run["means"], dtype=_DTYPE).reshape(3, -1)
        centres = np.frombuffer(b"".join(row.centre for row in rows), dtype=_DTYPE)
        return StoredFrame(
            fingerprint=run["fingerprint"],
            theme_ids=tuple(row.merged_into or row.theme_id for row in rows),
            frame=ThemeFrame(
                means,
                centres.reshape(len(rows), means.shape[1]),
                np.array([row.reach for row in rows], dtype=np.float32),
            ),
        )

    async def links(self, community: str) -> tuple[ThemeLink, ...]:
        query = (
            select(tables.theme_links)
            .join(tables.themes, _H.id == tables.theme_links.c.to_theme)
            .where(_H.community == community)
        )
        return await fetch_all(self._connection, ThemeLink, query)

    async def add_links(self, links: Sequence[ThemeLink]) -> None:
        rows = [values_of(tables.theme_links, link) for link in links]
        await add_rows(self._connection, tables.theme_links, rows)

    async def add_change(self, change: ThemeChange) -> None:
        await add_rows(
            self._connection, tables.theme_changes, [values_of(tables.theme_changes, change)]
        )

    async def save_run(
        self,
        run: ThemeRun,
        stored: StoredFrame,
        themes: Sequence[Theme],
        found: Sequence[FoundTheme],
        members: Sequence[ThemeMember],
        *,
        since: datetime,
    ) -> None:
        means = _bytes(stored.frame.means)
        row = values_of(tables.theme_runs, run, means=means, fingerprint=stored.fingerprint)
        await add_rows(self._connection, tables.theme_runs, [row])
        if themes:
            rows = [_theme_row(one) for one in sorted(themes, key=_pointed_at_first)]
            await self._connection.execute(upsert(tables.themes), rows)
        snapshots = [
            one._asdict() | {"run_id": run.id, "centre": _bytes(one.centre)} for one in found
        ]
        await add_rows(self._connection, tables.theme_snapshots, snapshots)
        seen = select(_S.case_id).where(_S.community == run.community, _S.last_at >= since)
        await self._connection.execute(
            delete(case_themes).where(_C.case_id.in_(seen), _C.assigned_at <= run.created_at)
        )
        await self._insert(run.community, members, run.created_at)
        await self._count_anew([theme.id for theme in themes], run.created_at)

    async def put(self, community: str, members: Sequence[ThemeMember], at: datetime) -> None:
        c = case_themes.c
        ids = [one.case_id for one in members]
        left = await self._connection.execute(select(c.theme_id).where(c.case_id.in_(ids)))
        touched = {*left.scalars(), *(one.theme_id for one in members)}
        await self._insert(community, members, at)
        await self._count_anew(touched, at)

    async def move(self, from_theme: str, to_theme: str, at: datetime) -> int:
        rows = update(case_themes).where(_C.theme_id == from_theme)
        moved = await self._connection.execute(rows.values(theme_id=to_theme, assigned_at=at))
        await self._count_anew([from_theme, to_theme], at)
        return int(moved.rowcount)

    async def _material(self, query: Select[Any]) -> Material:
        rows = (await self._connection.execute(query)).all()
        return Material(tuple(map(_case, rows)), _matrix([row.vector for row in rows]))

    async def _insert(self, community: str, members: Sequence[ThemeMember], at: datetime) -> None:
        given = {one.case_id: one for one in members}
        rows = [
            values_of(case_themes, one, community=community, assigned_at=at.isoformat())
            for _, one in sorted(given.items())
        ]
        if rows:
            statement = replacing(bulk_insert(case_themes, rows[0]), case_themes)
            await self._connection.execute(statement, bulk_values(rows))

    async def _count_anew(self, theme_ids: Iterable[str], now: datetime) -> None:
        given = {"ids": sorted(theme_ids), "now": now}
        await self._connection.execute(COUNT_THEMES, given)
        await self._connection.execute(COUNT_TOPICS, given)

    async def outdated(self, before: datetime, *, first_from: int, limit: int) -> tuple[str, ...]:
        t = tables.tallies.c
        newest = select(func.max(_R.created_at)).where(_R.community == t.community)
        run_at = newest.scalar_subquery()
        due = or_(run_at < before, and_(run_at.is_(None), t.cases >= first_from))
        query = select(t.community).where(due).order_by(t.community).limit(limit)
        return tuple((await self._connection.execute(query)).scalars())

    async def _newest(self, community: str) -> RowMapping | None:
        query = select(tables.theme_runs).where(_R.community == community)
        query = query.order_by(_R.created_at.desc(), _R.id.desc()).limit(1)
        return (await self._connection.execute(query)).mappings().first()


def _case(row: Row[Any]) -> CaseMaterial:
    return CaseMaterial(
        case_id=row.case_id,
        author=row.author,
        last_at=row.last_at,
        category=row.category,
        text=row.text,
        signals=frozenset(one["kind"] for one in row.signals),
    )


def _theme_row(theme: Theme) -> Values:
    return values_of(tables.themes, theme)


def _pointed_at_first(theme: Theme) -> tuple[bool, bool]:
    """Themes point at their topic, merged ones at the theme they went into."""
    return theme.level is ThemeLevel.THEME, theme.merged_into is not None


def _bytes(rows: FloatMatrix) -> bytes:
    return np.ascontiguousarray(rows, dtype=_DTYPE).tobytes()


def _matrix(rows: Sequence[bytes]) -> FloatMatrix:
    if not rows:
        return np.empty((0, 0), dtype=np.float32)
    if len({len(row) for row in rows}) > 1:
        raise ConfigurationError("Stored vectors differ in width; run `huiyin reindex`.")
    flat = np.frombuffer(b"".join(rows), dtype=_DTYPE)
    return flat.reshape(len(rows), -1).astype(np.float32)
