"""Doing jobs: a worker for as long as the process lives, or until the queue is empty."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog
from procrastinate import App, JobContext
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker

from service.jobs.policy import AWAY, COMPARING, QUEUE, WRITING
from service.jobs.stalled import recover_stalled

Progress = Callable[[int, int], None]
"""Called with the number of jobs done and of jobs due."""

_COUNT_DUE = """
    SELECT count(*) AS due FROM procrastinate_jobs
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
"""

log = structlog.get_logger()


async def run_worker(app: App, *, concurrency: int, stop: asyncio.Event) -> None:
    """Do jobs until `stop` is set; a lost database is waited for, running jobs are finished.

    Args:
        concurrency: jobs done at once, and half as many that write with a model; beside them one
            comparison.
    """
    hands = {QUEUE: concurrency, WRITING: max(1, concurrency // 2), COMPARING: 1}
    failures = 0
    while not stop.is_set():
        try:
            async with app.open_async():
                await recover_stalled(app)
                failures = 0
                await _until(
                    stop,
                    *(
                        app.run_worker_async(queues=[queue], concurrency=count, name=queue)
                        for queue, count in hands.items()
                    ),
                )
        except Exception as error:
            log.warning("worker_lost_database", error=type(error).__name__)
        if not stop.is_set():
            failures += 1
            await _sleep(stop, min(30.0, AWAY.wait(failures - 1, 0.5)))


async def drain(app: App, *, on_progress: Progress | None = None, concurrency: int = 4) -> int:
    """Do jobs until none is due, those that the jobs themselves defer included; how many.

    Jobs that wait for a later moment (retries, schedules) stay in the queue.
    """
    done = 0

    async def count(call_next: AsyncCallNext, context: JobContext, worker: Worker) -> Any:
        nonlocal done
        del context, worker
        try:
            return await call_next()
        finally:
            done += 1
            if on_progress is not None:
                on_progress(done, await _due(app))

    async with app.open_async():
        await recover_stalled(app)
        while due := await _due(app):
            if on_progress is not None:
                on_progress(done, due)
            await app.run_worker_async(
                wait=False, concurrency=concurrency, listen_notify=False, worker_middleware=[count]
            )
    return done


async def _due(app: App) -> int:
    row = await app.connector.execute_query_one_async(_COUNT_DUE)
    return int(row["due"])


async def _until(stop: asyncio.Event, *work: Coroutine[Any, Any, None]) -> None:
    """Run the workers until `stop` is set or one ends; cancelling lets them finish what they are
    doing."""
    running = [asyncio.create_task(one) for one in work]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((*running, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*running, stopping):
            task.cancel()
        ends = await asyncio.gather(*running, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
