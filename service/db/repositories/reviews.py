"""Review tasks and decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, bindparam, distinct, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, values_of
from service.db.tables.desk import UNDECIDED
from service.domain.review import SENDING, Decision, ReviewTask, TaskStatus, Verdict
from service.ports.desk import WaitingTask

_T, _D, _S = tables.review_tasks.c, tables.decisions.c, tables.case_states.c


class SqlReviews:
    """See `service.ports.desk.Reviews`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_task(self, task: ReviewTask) -> None:
        row = values_of(tables.review_tasks, task)
        await add_rows(self._connection, tables.review_tasks, [row])

    async def get(self, task_id: str, *, lock: bool = False) -> ReviewTask | None:
        where = _T.id == task_id
        return await fetch_one(self._connection, ReviewTask, tables.review_tasks, where, lock=lock)

    async def save(self, task: ReviewTask) -> None:
        row = values_of(tables.review_tasks, task)
        await self._connection.execute(
            update(tables.review_tasks).where(_T.id == task.id).values(row)
        )

    async def undecided(self, draft_id: str) -> ReviewTask | None:
        where = and_(_T.draft_id == draft_id, UNDECIDED)
        return await fetch_one(self._connection, ReviewTask, tables.review_tasks, where, lock=True)

    async def supersede(self, draft_id: str) -> bool:
        undecided = _T.status.in_((TaskStatus.OPEN, TaskStatus.CLAIMED))
        closed = {"status": TaskStatus.SUPERSEDED, "claimed_by": None, "claim_expires_at": None}
        done = await self._connection.execute(
            update(tables.review_tasks).where(_T.draft_id == draft_id, undecided).values(closed)
        )
        return bool(done.rowcount)

    async def add_decision(self, decision: Decision) -> None:
        row = values_of(tables.decisions, decision)
        await add_rows(self._connection, tables.decisions, [row])

    async def decision_of(self, task_id: str) -> Decision | None:
        where = and_(_D.task_id == task_id, _D.undone_at.is_(None))
        return await fetch_one(self._connection, Decision, tables.decisions, where)

    async def answered(self, draft_id: str) -> bool:
        approval = _D.verdict.in_(SENDING)
        standing = select(_D.id).where(_D.draft_id == draft_id, approval, _D.undone_at.is_(None))
        return await self._connection.scalar(standing.limit(1)) is not None

    async def endorsements(self, draft_id: str) -> tuple[Decision, ...]:
        query = select(tables.decisions).where(
            _D.draft_id == draft_id, _D.verdict == Verdict.ENDORSE, _D.undone_at.is_(None)
        )
        return await fetch_all(self._connection, Decision, query.order_by(_D.decided_at, _D.id))

    async def history(self, draft_id: str) -> tuple[Decision, ...]:
        """Every decision on a draft, oldest first, undone ones included."""
        query = select(tables.decisions).where(_D.draft_id == draft_id)
        return await fetch_all(self._connection, Decision, query.order_by(_D.decided_at, _D.id))

    async def undo(self, decision_id: str, at: datetime) -> None:
        await self._connection.execute(
            update(tables.decisions).where(_D.id == decision_id).values(undone_at=at)
        )

    async def reach(self, case_id: str) -> int:
        root = func.coalesce(_S.duplicate_root, _S.case_id)
        first = await self._connection.scalar(select(root).where(_S.case_id == case_id))
        if first is None:
            return 0
        authors = select(func.count(distinct(_S.author)))
        same = or_(_S.case_id == first, _S.duplicate_root == first)
        return int(await self._connection.scalar(authors.where(same)) or 0)

    async def waiting(self, case_ids: Collection[str]) -> tuple[WaitingTask, ...]:
        root = func.coalesce(_S.duplicate_root, _S.case_id)
        wanted = select(root).where(_S.case_id.in_(case_ids))
        escalated = (
            select(func.count())
            .where(
                _D.draft_id == _T.draft_id, _D.verdict == Verdict.ESCALATE, _D.undone_at.is_(None)
            )
            .scalar_subquery()
        )
        query = (
            select(
                _T.id,
                _T.priority,
                func.coalesce(_S.severity, 0),
                root,
                _S.last_at,
                escalated,
                _S.pressing,
            )
            .join(tables.case_states, _S.case_id == _T.case_id)
            .where(or_(_S.case_id.in_(wanted), _S.duplicate_root.in_(wanted)), UNDECIDED)
            .order_by(_T.id)
        )
        rows = (await self._connection.execute(query)).all()
        reach = {first: await self.reach(first) for first in sorted({row[3] for row in rows})}
        return tuple(WaitingTask(r[0], r[1], r[2], reach[r[3]], r[4], r[5], r[6]) for r in rows)

    async def set_priorities(self, priorities: Mapping[str, float]) -> None:
        rows = [{"of_task": task, "to": place} for task, place in sorted(priorities.items())]
        if rows:
            change = update(tables.review_tasks).where(_T.id == bindparam("of_task"), UNDECIDED)
            await self._connection.execute(change.values(priority=bindparam("to")), rows)
