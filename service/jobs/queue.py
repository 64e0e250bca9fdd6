"""Defers jobs on the business transaction's own connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.jobs.policy import PRIORITY, queue_of
from service.ports.jobs import Job

# procrastinate's own function, so that its triggers, checks and notifications apply.
_DEFER = text("""
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW(:queue, :task, :priority, NULL, :key, CAST(:args AS jsonb), :run_at)
    ]::procrastinate_job_to_defer_v1[])
""")
_FAILED_LATELY = text("""
    SELECT EXISTS (
        SELECT FROM job_failures f JOIN procrastinate_jobs j ON j.id = f.job_id
        WHERE j.status = 'failed' AND j.queueing_lock = :key AND f.at > now() - :rest
    )
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
            await self._defer_once(row)

    async def _failed_lately(self, key: str, rest: timedelta) -> bool:
        return bool(await self._connection.scalar(_FAILED_LATELY, {"key": key, "rest": rest}))

    async def _defer_once(self, row: Mapping[str, object]) -> None:
        # A violated constraint would abort the whole transaction: the savepoint takes the blow.
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(_DEFER, row)
        except IntegrityError as error:
            if not _already_waits(error):
                raise


def _already_waits(error: IntegrityError) -> bool:
    cause = error.orig
    return isinstance(cause, UniqueViolation) and cause.diag.constraint_name == _LOCK_INDEX
