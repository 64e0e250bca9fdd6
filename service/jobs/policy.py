"""How urgent each job is and how long it is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job as QueuedJob

from service.errors import (
    ConfigurationError,
    InvalidInput,
    NotFound,
    NotPermitted,
    PermanentProviderError,
    TransientProviderError,
)
from service.ports.jobs import Job

QUEUE = "huiyin"
"""Name of the queue of everything that ends soon; priority orders its jobs."""

WRITING = "huiyin-writing"
"""Name of the queue of jobs that may wait a minute for a model: they have hands of their own, so
that neither triage nor delivery ever waits for one."""

COMPARING = "huiyin-comparing"
"""Name of the queue of comparisons, replays and spot checks: each takes minutes, so a worker does
one at a time and nothing else waits for it."""

PRIORITY: dict[Job, int] = {
    Job.DELIVER: 50,
    Job.TRIAGE: 40,
    Job.POST: 35,
    Job.DRAFT: 30,
    Job.CLOSE: 25,
    Job.PLACE: 20,
    Job.NAME: 15,
    Job.CLASSIFY: 20,
    Job.NOTIFY: 55,
    Job.RADAR: 45,
    Job.THEMES: 10,
    Job.DRIFT: 12,
    Job.SPOT: 4,
    Job.REHEARSE: 5,
    Job.EVALUATE: 5,
    Job.PREVIEW: 6,
    Job.PUBLISH: 18,
    Job.SUGGEST: 8,
    Job.HARVEST: 8,
}
"""Higher runs first: what people wait for before what can wait."""


def queue_of(job: Job) -> str:
    """The queue a job waits in."""
    if job in (Job.EVALUATE, Job.PREVIEW, Job.SPOT):
        return COMPARING
    return WRITING if job in (Job.DRAFT, Job.POST, Job.CLOSE, Job.CLASSIFY) else QUEUE


HOPELESS = (InvalidInput, NotFound, NotPermitted, PermanentProviderError, ConfigurationError)
"""Trying again gives the same."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Limits of trying again: `attempts` runs in all, waits doubling from `first_s`."""

    attempts: int
    first_s: float
    longest_s: float

    def wait(self, attempt: int, chance: float) -> float:
        """Seconds before the next run; `chance` (0 to 1) spreads them between half and full."""
        full = min(self.longest_s, self.first_s * 2.0 ** min(attempt, 30))
        return full * (0.5 + chance / 2)


ORDINARY = Backoff(attempts=5, first_s=2, longest_s=300)
"""For failures nobody foresaw."""

AWAY = Backoff(attempts=20, first_s=2, longest_s=900)
"""For providers that are away: about three hours in all."""


class JobFailed(Exception):
    """Stands for whatever a handler raised. The queue logs the error that ends a job with its
    text, and that may quote a member, so it gets this one: a code and nothing else."""

    def __init__(self, code: str, cause: Exception) -> None:
        super().__init__(code)
        self.cause = cause


class Retries(BaseRetryStrategy):
    """Decides by the kind of failure; a job stopped by a shutdown runs again at once."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance

    def get_retry_decision(
        self, *, exception: BaseException, job: QueuedJob
    ) -> RetryDecision | None:
        """When to run again; None makes the job a dead letter."""
        if isinstance(exception, JobFailed):
            exception = exception.cause
        if isinstance(exception, JobAborted | asyncio.CancelledError):
            return RetryDecision()
        if isinstance(exception, HOPELESS):
            return None
        limits = AWAY if isinstance(exception, TransientProviderError) else ORDINARY
        if job.attempts + 1 >= limits.attempts:
            return None
        wait = limits.wait(job.attempts, self._chance())
        return RetryDecision(retry_in={"milliseconds": int(wait * 1000)})
