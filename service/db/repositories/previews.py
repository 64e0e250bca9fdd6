"""Replays of changes, and their flips."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, bulk_insert, bulk_values, fetch_all, fetch_one, values_of
from service.db.types import storable
from service.domain.evaluation import Subject, Trial
from service.domain.preview import Preview, PreviewFlip, PreviewStatus

_P, _S = tables.previews.c, tables.case_states.c
_LOCK_SPACE = 0x7076
"""First key of the advisory lock on replays ("pv")."""


class SqlPreviews:
    """See `service.ports.previews.Previews`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, 0)))

    async def add(self, preview: Preview, trial: Trial) -> None:
        more = {
            "window": preview.window.model_dump(mode="json"),
            "trial": trial.model_dump(mode="json"),
        }
        row = values_of(tables.previews, preview, **more)
        await add_rows(self._connection, tables.previews, [row])

    async def get(self, preview_id: str) -> Preview | None:
        where = _P.id == storable(preview_id)
        return await fetch_one(self._connection, Preview, tables.previews, where)

    async def trial(self, preview_id: str) -> Trial | None:
        query = select(_P.trial).where(_P.id == storable(preview_id))
        found = (await self._connection.execute(query)).scalar()
        return None if found is None else Trial.model_validate(found)

    async def advance(self, preview: Preview, flips: Sequence[PreviewFlip] = ()) -> bool:
        final = [one for one in PreviewStatus if one.final]
        findings = preview.findings
        changed = update(tables.previews).where(_P.id == preview.id, _P.status.not_in(final))
        done = await self._connection.execute(
            changed.values(
                status=preview.status,
                in_force=preview.in_force,
                findings=findings.model_dump(mode="json") if findings else None,
                failure=preview.failure,
                started_at=preview.started_at,
                finished_at=preview.finished_at,
            )
        )
        if done.rowcount == 1 and flips:
            rows = [one.model_dump(mode="json") | {"preview_id": preview.id} for one in flips]
            added = bulk_insert(tables.preview_flips, rows[0])
            await self._connection.execute(added, bulk_values(rows))
        return done.rowcount == 1

    async def waiting(self, like: Preview) -> Preview | None:
        final = [one for one in PreviewStatus if one.final]
        query = select(tables.previews).where(
            _P.community == like.community,
            _P.kind == like.kind,
            _P.name == like.name,
            _P.scope.is_not_distinct_from(like.scope),
            _P.candidate_hash == like.candidate_hash,
            _P.baseline_hash == like.baseline_hash,
            _P.status.not_in(final),
        )
        found = await fetch_all(self._connection, Preview, query.order_by(_P.created_at, _P.id))
        return next((one for one in found if one.window == like.window), None)

    async def unfinished(self, limit: int) -> tuple[Preview, ...]:
        final = [one for one in PreviewStatus if one.final]
        query = select(tables.previews).where(_P.status.not_in(final))
        oldest = query.order_by(_P.created_at, _P.id).limit(limit)
        return await fetch_all(self._connection, Preview, oldest)

    async def newest(self, community: str, subject: Subject, candidate: str) -> Preview | None:
        query = select(tables.previews).where(
            _P.community == storable(community),
            _P.kind == subject.kind,
            _P.name == storable(subject.name),
            _P.candidate_hash == storable(candidate),
        )
        last = query.order_by(_P.created_at.desc(), _P.id.desc()).limit(1)
        found = await fetch_all(self._connection, Preview, last)
        return found[0] if found else None

    async def cases(self, community: str, since: datetime) -> int:
        query = (
            select(func.count())
            .select_from(tables.case_states)
            .where(_S.community == community, _S.last_at >= since, _S.triage_id.is_not(None))
        )
        return int(await self._connection.scalar(query) or 0)
