"""procrastinate's manager, with an answer for two jobs that want to wait under one key."""

from __future__ import annotations

from datetime import datetime

from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.utils import utcnow


class KeyedJobManager(JobManager):
    """A job that is to run again while a younger one with its key already waits gives way: left
    alone it would stay `doing` until its worker dies."""

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Queue again, or end as aborted when a job with the same key waits."""
        try:
            await super().retry_job(job, retry_at or utcnow(), priority, queue, lock)
        except UniqueViolation:
            await self.finish_job(job=job, status=Status.ABORTED, delete_job=False)
