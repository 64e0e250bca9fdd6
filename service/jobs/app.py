"""The procrastinate application: one task per job, and the schedules."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import JobAborted
from procrastinate.types import JSONValue

from service.jobs.dead import code_of, forget_failures, plain_url, remember_failure
from service.jobs.manager import KeyedJobManager
from service.jobs.policy import PRIORITY, QUEUE, JobFailed, Retries, queue_of
from service.jobs.stalled import HEARTBEAT_S, STALLED_AFTER_S, recover_stalled
from service.ports.jobs import Job

Handler = Callable[[Mapping[str, object]], Awaitable[None]]
"""Does one job; running twice must do no harm."""

Sweep = Callable[[], Awaitable[None]]
"""Re-enqueues whatever facts are pending."""

KEEP_FAILED_HOURS = 24 * 30
"""How long dead letters stay for a person to look at."""

log = structlog.get_logger()


def make_app(
    database_url: str,
    handlers: Mapping[Job, Handler],
    *,
    sweep: Sweep | None = None,
    watch: Sweep | None = None,
    chance: Callable[[], float] = random.random,
    pool_size: int = 8,
) -> App:
    """The application on this database; cheap, nothing is opened yet.

    Args:
        handlers: what each job does.
        sweep: run every minute on one of the workers.
        watch: run two minutes after every quarter of an hour, so that what came in is judged.
        chance: spreads retries, 0 to 1.
        pool_size: connections of a worker at most, beside the one that listens.
    """
    connector = PsycopgConnector(
        conninfo=plain_url(database_url),
        min_size=1,
        max_size=pool_size,
        kwargs={"application_name": "huiyin-jobs"},
    )
    app = App(
        connector=connector,
        worker_defaults={
            "update_heartbeat_interval": HEARTBEAT_S,
            "stalled_worker_timeout": STALLED_AFTER_S,
            "delete_jobs": "successful",
            "install_signal_handlers": False,
            "shutdown_graceful_timeout": 20.0,
        },
    )
    app.job_manager = KeyedJobManager(connector=connector)
    retries = Retries(chance)
    for job, handler in handlers.items():
        _register(app, job, handler, retries)
    _schedule(app, sweep)
    if watch is not None:
        _schedule_watch(app, watch)
    return app


def _register(app: App, job: Job, handler: Handler, retries: Retries) -> None:
    queue, priority = queue_of(job), PRIORITY[job]

    @app.task(name=job.value, queue=queue, priority=priority, retry=retries, pass_context=True)
    async def run(context: JobContext, /, **payload: JSONValue) -> None:
        try:
            await handler(payload)
        except JobAborted:
            raise
        except Exception as error:
            code = code_of(error)
            if retries.get_retry_decision(exception=error, job=context.job) is None:
                await remember_failure(app, context.job.id, code)
            log.warning("job_failed", job=job.value, id=context.job.id, error=code)
            raise JobFailed(code, error) from None


def _schedule(app: App, sweep: Sweep | None) -> None:
    @app.periodic(cron="* * * * *")
    @app.task(name="recover_stalled", queue=QUEUE, priority=90, queueing_lock="recover_stalled")
    async def recover(timestamp: int) -> None:  # noqa: ARG001
        await recover_stalled(app)

    @app.periodic(cron="17 * * * *")
    @app.task(name="forget_old", queue=QUEUE, priority=1, queueing_lock="forget_old")
    async def forget(timestamp: int) -> None:  # noqa: ARG001
        await app.job_manager.delete_old_jobs(
            nb_hours=KEEP_FAILED_HOURS,
            include_failed=True,
            include_cancelled=True,
            include_aborted=True,
        )
        await forget_failures(app)

    if sweep is not None:
        _schedule_sweep(app, sweep)


def _schedule_sweep(app: App, sweep: Sweep) -> None:
    @app.periodic(cron="* * * * *")
    # Two at once would wait for each other's keys until the statement times out.
    @app.task(name="sweep", queue=QUEUE, priority=80, queueing_lock="sweep", lock="sweep")
    async def run(timestamp: int) -> None:  # noqa: ARG001
        await sweep()


def _schedule_watch(app: App, watch: Sweep) -> None:
    @app.periodic(cron="2,17,32,47 * * * *")
    @app.task(name="watch", queue=QUEUE, priority=70, queueing_lock="watch", lock="watch")
    async def run(timestamp: int) -> None:  # noqa: ARG001
        await watch()
