"""Does the jobs: inside the web process or as a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from service.bootstrap import Application
from service.jobs.app import make_app
from service.jobs.worker import drain as drain_jobs
from service.jobs.worker import run_worker

OnProgress = Callable[[int, int], None]
"""Receives the number of jobs done and of jobs due."""


async def work(application: Application, stop: asyncio.Event, *, concurrency: int = 4) -> None:
    """Do jobs until `stop` is set."""
    jobs = make_app(
        application.database_url,
        application.handlers(),
        sweep=application.sweep,
        watch=application.watch,
    )
    await run_worker(jobs, concurrency=concurrency, stop=stop)


async def drain(application: Application, on_progress: OnProgress | None = None) -> int:
    """Do jobs until none is due; how many."""
    jobs = make_app(application.database_url, application.handlers())
    return await drain_jobs(jobs, on_progress=on_progress)
