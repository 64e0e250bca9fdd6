"""Defers jobs on the business transaction's own connection."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from psycopg.errors import UniqueViolation
from sqlalchemy import TextClause, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.jobs.policy import PRIORITY, queue_of
from service.ports.jobs import Deferred, Fate, Job

# procrastinate's own function, so that its triggers, checks and notifications apply.
_DEFER = text("""
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW(:queue, :task, :priority, NULL, :key, CAST(:args AS jsonb), :run_at)
    ]::procrastinate_job_to_defer_v1[])
""")
# One statement for many; what waits already is left out, so that a violated key is rare.
_DEFER_MANY = text("""
    SELECT procrastinate_defer_jobs_v1(array_agg(
        ROW(
            :queue, :task, :priority, NULL, new.key, new.args, new.run_at
        )::procrastinate_job_to_defer_v1
        ORDER BY new.place
    ))
    FROM ROWS FROM (jsonb_to_recordset(CAST(:rows AS jsonb)) AS (
        key text, args jsonb, run_at timestamptz
    )) WITH ORDINALITY AS new (key, args, run_at, place)
    WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs j WHERE j.queueing_lock = new.key AND j.status = 'todo'
    )
    HAVING count(*) > 0
""")
_FAILED_LATELY = text("""
    SELECT EXISTS (
        SELECT FROM job_failures f JOIN procrastinate_jobs j ON j.id = f.job_id
        WHERE j.status = 'failed' AND j.queueing_lock = :key AND f.at > now() - :rest
    )
""")
_FATES = text("""
    SELECT j.queueing_lock AS key, bool_or(j.status IN ('todo', 'doing')) AS alive,
           (array_agg(coalesce(f.code, '') ORDER BY j.id DESC))[1] AS code
    FROM procrastinate_jobs j LEFT JOIN job_failures f ON f.job_id = j.id
    WHERE j.queueing_lock = ANY (:keys) AND j.status IN ('todo', 'doing', 'failed')
    GROUP BY j.queueing_lock
""")
_LOCK_INDEX = "procrastinate_jobs_queueing_lock_idx_v1"


class ProcrastinateQueue:
    """See `service.ports.jobs.JobQueue`; the job appears when the transaction commits."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def defer(
        self,
        job: Job,
        payload: Mapping[str, object],
        *,
        run_at: datetime | None = None,
        key: str | None = None,
        rest: timedelta | None = None,
    ) -> None:
        row = {
            "queue": queue_of(job),
            "task": job.value,
            "priority": PRIORITY[job],
            "key": key,
            "args": json.dumps(dict(payload), ensure_ascii=False),
            "run_at": run_at,
        }
        if key is None:
            await self._connection.execute(_DEFER, row)
        elif rest is None or not await self._failed_lately(key, rest):
            await self._tried(_DEFER, row)

    async def defer_all(self, job: Job, wanted: Sequence[Deferred]) -> None:
        if not wanted:
            return
        rows = [
            {"key": one.key, "args": dict(one.payload), "run_at": _iso(one.run_at)}
            for one in wanted
        ]
        shared = {"queue": queue_of(job), "task": job.value, "priority": PRIORITY[job]}
        given = shared | {"rows": json.dumps(rows, ensure_ascii=False)}
        if not await self._tried(_DEFER_MANY, given):  # another transaction was quicker with one
            for one in wanted:
                await self.defer(job, one.payload, key=one.key, run_at=one.run_at)

    async def fates(self, keys: Collection[str]) -> Mapping[str, Fate]:
        if not keys:
            return {}
        rows = (await self._connection.execute(_FATES, {"keys": list(keys)})).all()
        return {key: Fate(alive, code) for key, alive, code in rows}

    async def _failed_lately(self, key: str, rest: timedelta) -> bool:
        return bool(await self._connection.scalar(_FAILED_LATELY, {"key": key, "rest": rest}))

    async def _tried(self, statement: TextClause, row: Mapping[str, object]) -> bool:
        """Whether it went in; False where a job with this key waits already."""
        # A violated constraint would abort the whole transaction: the savepoint takes the blow.
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(statement, row)
        except IntegrityError as error:
            if not _already_waits(error):
                raise
            return False
        return True


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _already_waits(error: IntegrityError) -> bool:
    cause = error.orig
    return isinstance(cause, UniqueViolation) and cause.diag.constraint_name == _LOCK_INDEX
