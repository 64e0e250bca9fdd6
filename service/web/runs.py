"""Runs that people ask for: one job of a kind for a community, however often it is asked."""

from __future__ import annotations

from fastapi import Request

from service.ports.jobs import Job
from service.web.state import application_of


async def queue_run(request: Request, job: Job, community: str) -> None:
    """Queue one run; a second call while one waits does nothing."""
    async with application_of(request).uow() as uow:
        await uow.jobs.defer(job, {"community": community}, key=f"{job.value}:{community}")
        await uow.commit()
