"""When failed jobs run again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.jobs import Job as QueuedJob

from service.errors import InvalidInput, NotFound, PermanentProviderError, TransientProviderError
from service.jobs.app import make_app
from service.jobs.policy import AWAY, ORDINARY, PRIORITY, Backoff, Retries
from service.ports.jobs import Job


def _job(attempts: int) -> QueuedJob:
    return QueuedJob(
        id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts
    )


def test_every_job_has_a_priority() -> None:
    assert set(PRIORITY) == set(Job)


@given(st.integers(0, 60), st.floats(0, 1))
def test_waits_grow_and_stay_bounded(attempt: int, chance: float) -> None:
    backoff = Backoff(attempts=9, first_s=2, longest_s=300)
    assert 1 <= backoff.wait(attempt, chance) <= 300
    assert backoff.wait(attempt + 1, 0) >= backoff.wait(attempt, 0)


@pytest.mark.parametrize("error", [InvalidInput("x"), NotFound("x"), PermanentProviderError("x")])
def test_what_cannot_change_is_not_repeated(error: Exception) -> None:
    assert Retries(lambda: 0).get_retry_decision(exception=error, job=_job(0)) is None


def test_providers_get_more_patience_than_bugs() -> None:
    retries = Retries(lambda: 0)
    bug, away = RuntimeError("x"), TransientProviderError("x")
    last_bug, last_away = _job(ORDINARY.attempts - 1), _job(AWAY.attempts - 1)
    assert retries.get_retry_decision(exception=bug, job=last_bug) is None
    assert retries.get_retry_decision(exception=away, job=last_bug) is not None
    assert retries.get_retry_decision(exception=away, job=last_away) is None


def test_a_shutdown_costs_nothing() -> None:
    decision = Retries(lambda: 0).get_retry_decision(
        exception=asyncio.CancelledError(), job=_job(99)
    )
    assert decision is not None
    assert decision.retry_at is None or decision.retry_at <= datetime.now(UTC)


def test_the_radar_is_due_after_every_quarter_of_an_hour() -> None:
    async def watch() -> None: ...

    app = make_app("postgresql://nobody@127.0.0.1:1/none", {}, watch=watch)
    due = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert due["watch"] == "2,17,32,47 * * * *"
    assert "watch" not in {
        task.task.name
        for task in make_app("postgresql://x", {}).periodic_registry.periodic_tasks.values()
    }
