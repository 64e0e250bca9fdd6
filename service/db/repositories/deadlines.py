"""Clocks of cases that wait for a reply.

`case_states.sla` says how far a clock ran: every case is looked at when its deadline comes near,
when it passes, and until it is answered; then never again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Boolean, ColumnElement, case, exists, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import values_of
from service.db.tables.desk import UNDECIDED
from service.domain.deadline import Breach, BreachKind
from service.ports.routing import LateCase

RUNNING, NEAR, LATE, CLOSED = 0, 1, 2, 3

_S, _T, _D = tables.case_states.c, tables.review_tasks.c, tables.decisions.c

# Written as the partial indexes have it, so that they fit.
_TICKING: ColumnElement[bool] = literal_column("reply_due AND sla < 2", Boolean)
_SHOWN: ColumnElement[bool] = literal_column("sla IN (1, 2)", Boolean)

ANSWERED = (
    exists().where(_T.case_id == _S.case_id, _D.task_id == _T.id, _D.undone_at.is_(None))
    & ~exists().where(_T.case_id == _S.case_id, UNDECIDED)
    & (_S.triaged_size >= _S.size)
)
"""A person decided, and nothing waits for another decision."""


class SqlDeadlines:
    """See `service.ports.routing.Deadlines`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def settle(self, now: datetime, limit: int) -> int:
        shown = select(_S.case_id).where(_SHOWN, ANSWERED).limit(limit)
        past = select(_S.case_id).where(_TICKING, _S.due_at <= now, ANSWERED).limit(limit)
        done = 0
        for wanted in (shown, past):
            # Rows that triage holds are left for the next sweep: no waiting, no deadlock.
            free = wanted.with_for_update(skip_locked=True, of=tables.case_states)
            ids = sorted((await self._connection.execute(free)).scalars())
            await self._connection.execute(
                update(tables.case_states).where(_S.case_id.in_(ids)).values(sla=CLOSED)
            )
            done += len(ids)
        return done

    async def late(self, now: datetime, near: datetime, limit: int) -> tuple[LateCase, ...]:
        query = (
            select(_S.case_id, _S.community, _S.department, _S.severity, _S.due_at)
            .where(_TICKING, _S.due_at <= near, (_S.sla < NEAR) | (_S.due_at <= now), ~ANSWERED)
            .order_by(_S.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True, of=tables.case_states)
        )
        rows = (await self._connection.execute(query)).all()
        return tuple(LateCase(*row) for row in rows)

    async def close(self, case_ids: Collection[str]) -> None:
        await self._connection.execute(
            update(tables.case_states).where(_S.case_id.in_(case_ids)).values(sla=CLOSED)
        )

    async def record(self, breaches: Sequence[Breach]) -> tuple[Breach, ...]:
        if not breaches:
            return ()
        rows = [values_of(tables.sla_breaches, one) for one in breaches]
        added = insert(tables.sla_breaches).values(rows).on_conflict_do_nothing()
        ids = (await self._connection.execute(added.returning(tables.sla_breaches.c.id))).scalars()
        known = set(ids)
        await self._mark(breaches)
        return tuple(one for one in breaches if one.id in known)

    async def _mark(self, breaches: Sequence[Breach]) -> None:
        late = [one.case_id for one in breaches if one.kind is BreachKind.BREACHED]
        level = case((_S.case_id.in_(late), LATE), else_=NEAR)
        ids = sorted({one.case_id for one in breaches})
        await self._connection.execute(
            update(tables.case_states).where(_S.case_id.in_(ids)).values(sla=level)
        )
