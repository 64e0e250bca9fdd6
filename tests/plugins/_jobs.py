"""Looks into the job queue and fills it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from service.db.engine import libpq_url
from service.ports.jobs import Job
from service.ports.store import UowFactory


def job_rows(url: str) -> list[dict[str, Any]]:
    """The product's jobs in the order they were deferred."""
    query = "SELECT id, task_name, status, attempts, args, scheduled_at FROM procrastinate_jobs"
    with psycopg.connect(libpq_url(url), row_factory=dict_row) as connection:
        found = connection.execute(query + " WHERE task_name = ANY(%s) ORDER BY id", (list(Job),))
        return found.fetchall()


async def defer(uow_factory: UowFactory, job: Job = Job.TRIAGE, **more: Any) -> None:
    """Defer one job in a transaction of its own."""
    payload = more.pop("payload", {"n": 1})
    async with uow_factory() as uow:
        await uow.jobs.defer(job, payload, **more)
        await uow.commit()
