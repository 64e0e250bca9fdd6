"""Comparisons with production, and what went past the gate."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, values_of
from service.db.types import storable
from service.domain.evaluation import Evaluation, EvaluationStatus, Promotion, Subject, Trial

_E, _P = tables.evaluations.c, tables.promotions.c
_LOCK_SPACE = 0x6576
"""First key of the advisory lock on comparisons ("ev")."""


class SqlEvaluations:
    """See `service.ports.evaluations.Evaluations`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, 0)))

    async def add(self, evaluation: Evaluation, trial: Trial) -> None:
        row = values_of(tables.evaluations, evaluation, trial=trial.model_dump(mode="json"))
        await add_rows(self._connection, tables.evaluations, [row])

    async def get(self, evaluation_id: str) -> Evaluation | None:
        where = _E.id == storable(evaluation_id)
        return await fetch_one(self._connection, Evaluation, tables.evaluations, where)

    async def trial(self, evaluation_id: str) -> Trial | None:
        query = select(_E.trial).where(_E.id == storable(evaluation_id))
        found = (await self._connection.execute(query)).scalar()
        return None if found is None else Trial.model_validate(found)

    async def advance(self, evaluation: Evaluation) -> bool:
        final = [one for one in EvaluationStatus if one.final]
        findings = evaluation.findings
        changed = update(tables.evaluations).where(_E.id == evaluation.id, _E.status.not_in(final))
        done = await self._connection.execute(
            changed.values(
                status=evaluation.status,
                findings=findings.model_dump(mode="json") if findings else None,
                failure=evaluation.failure,
                started_at=evaluation.started_at,
                finished_at=evaluation.finished_at,
            )
        )
        return done.rowcount == 1

    async def unfinished(self, limit: int) -> tuple[Evaluation, ...]:
        final = [one for one in EvaluationStatus if one.final]
        query = select(tables.evaluations).where(_E.status.not_in(final))
        oldest = query.order_by(_E.created_at, _E.id).limit(limit)
        return await fetch_all(self._connection, Evaluation, oldest)

    async def of(self, subject: Subject, candidate: str, baseline: str) -> tuple[Evaluation, ...]:
        hashes = (_E.candidate_hash == candidate, _E.baseline_hash == baseline)
        query = select(tables.evaluations).where(_of(tables.evaluations, subject), *hashes)
        newest = query.order_by(_E.created_at.desc(), _E.id.desc())
        return await fetch_all(self._connection, Evaluation, newest.limit(20))


class SqlPromotions:
    """See `service.ports.evaluations.Promotions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, promotion: Promotion, content: str | None = None) -> None:
        row = values_of(tables.promotions, promotion, content=content)
        await add_rows(self._connection, tables.promotions, [row])

    async def content(self, promotion_id: str) -> str | None:
        query = select(_P.content).where(_P.id == storable(promotion_id))
        return (await self._connection.execute(query)).scalar()

    async def kept(self, subject: Subject, candidate: str) -> str | None:
        of = _of(tables.promotions, subject), _P.candidate_hash == storable(candidate)
        query = select(_P.content).where(*of, _P.content.is_not(None))
        newest = query.order_by(_P.created_at.desc(), _P.id.desc()).limit(1)
        return (await self._connection.execute(newest)).scalar()

    async def latest(self, subject: Subject) -> Promotion | None:
        query = select(tables.promotions).where(_of(tables.promotions, subject))
        newest = query.order_by(_P.created_at.desc(), _P.id.desc()).limit(1)
        found = await fetch_all(self._connection, Promotion, newest)
        return found[0] if found else None


def _of(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Exactly this subject, for exactly these people."""
    return and_(
        table.c.kind == subject.kind,
        table.c.name == storable(subject.name),
        table.c.community.is_not_distinct_from(subject.community),
    )
