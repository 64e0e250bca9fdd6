"""Jobs whose worker died come back."""

from __future__ import annotations

from procrastinate import App
from procrastinate.jobs import Status

from service.jobs.dead import remember_failure
from service.jobs.policy import ORDINARY
from service.ports.jobs import WORKER_DIED

HEARTBEAT_S = 5.0
"""Between two signs of life of a worker."""

STALLED_AFTER_S = 20.0
"""Without a sign of life a worker counts as dead after this long."""


async def recover_stalled(app: App, *, silent_for_s: float = STALLED_AFTER_S) -> int:
    """Queue the jobs of dead workers again; one that keeps killing its worker becomes a dead
    letter. How many were found."""
    jobs = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_for_s))
    for job in jobs:
        if job.attempts + 1 >= ORDINARY.attempts:
            await remember_failure(app, job.id, WORKER_DIED)
            await app.job_manager.finish_job(job=job, status=Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(job=job)
    return len(jobs)
