"""Jobs live and die with the transaction that defers them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued

from service.db.engine import libpq_url
from service.errors import InvalidInput, TransientProviderError
from service.jobs.app import Handler, make_app
from service.jobs.dead import forget_failures, list_failed, requeue_failed
from service.jobs.stalled import recover_stalled
from service.jobs.worker import drain, run_worker
from service.ports.jobs import Job
from service.ports.store import UowFactory
from tests.plugins._jobs import defer, job_rows


class Recorder:
    """A handler that remembers payloads and fails as told, once for each error given."""

    def __init__(self, *errors: Exception) -> None:
        self.seen: list[Mapping[str, object]] = []
        self._errors = list(errors)

    async def __call__(self, payload: Mapping[str, object]) -> None:
        self.seen.append(dict(payload))
        if self._errors:
            raise self._errors.pop(0)


def _app(url: str, handler: Handler, **more: Any) -> App:
    return make_app(url, dict.fromkeys(Job, handler), chance=lambda: 0.0, **more)


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute(statement)


async def test_a_rolled_back_transaction_leaves_no_job(
    uow_factory: UowFactory, database: str
) -> None:
    async with uow_factory() as uow:
        await uow.jobs.defer(Job.TRIAGE, {"case_ids": ["c"]})
        await uow.jobs.defer(Job.DRAFT, {"case_id": "c"}, key="draft:c")
    assert job_rows(database) == []


async def test_a_committed_job_runs_with_its_payload(
    uow_factory: UowFactory, database: str
) -> None:
    payload = {"community": "社群", "case_ids": ["a", "b"], "nested": {"x": None}}
    await defer(uow_factory, payload=payload)
    handler = Recorder()
    assert await drain(_app(database, handler)) >= 1
    assert handler.seen == [payload]
    assert job_rows(database) == []


async def test_a_waiting_key_is_not_queued_twice_and_the_transaction_goes_on(
    uow_factory: UowFactory, database: str
) -> None:
    await defer(uow_factory, key="k", payload={"n": 1})
    async with uow_factory() as uow:
        await uow.jobs.defer(Job.TRIAGE, {"n": 2}, key="k")
        await uow.jobs.defer(Job.TRIAGE, {"n": 3}, key="other")
        await uow.commit()
    assert [row["args"]["n"] for row in job_rows(database)] == [1, 3]
    await drain(_app(database, Recorder()))
    await defer(uow_factory, key="k", payload={"n": 4})
    assert [row["args"]["n"] for row in job_rows(database)] == [4]


async def test_two_transactions_with_one_key_make_one_job(
    uow_factory: UowFactory, database: str
) -> None:
    await asyncio.gather(*(defer(uow_factory, key="k") for _ in range(4)))
    assert len(job_rows(database)) == 1


async def test_a_job_waits_for_its_moment(uow_factory: UowFactory, database: str) -> None:
    await defer(uow_factory, run_at=datetime.now(UTC) + timedelta(hours=1))
    handler = Recorder()
    await drain(_app(database, handler))
    assert handler.seen == []
    assert len(job_rows(database)) == 1


async def test_urgent_jobs_run_first(uow_factory: UowFactory, database: str) -> None:
    for job in (Job.THEMES, Job.DRAFT, Job.DELIVER):
        await defer(uow_factory, job, payload={"job": job.value})
    handler = Recorder()
    await drain(_app(database, handler), concurrency=1)
    assert [one["job"] for one in handler.seen] == ["deliver", "draft", "themes"]


async def test_drain_follows_jobs_that_jobs_defer_and_tells(
    uow_factory: UowFactory, database: str
) -> None:
    told: list[tuple[int, int]] = []

    async def handler(payload: Mapping[str, object]) -> None:
        if (left := int(str(payload["n"]))) > 0:
            await defer(uow_factory, payload={"n": left - 1})

    await defer(uow_factory, payload={"n": 3})
    app = _app(database, handler)
    await drain(app, on_progress=lambda done, due: told.append((done, due)))
    assert job_rows(database) == []
    assert told[0][0] == 0
    assert told[-1][1] == 0
    assert told[-1][0] >= 4


async def test_a_provider_away_is_tried_again_later(uow_factory: UowFactory, database: str) -> None:
    await defer(uow_factory)
    handler = Recorder(TransientProviderError("away"))
    await drain(_app(database, handler))
    (row,) = job_rows(database)
    assert (row["status"], row["attempts"]) == ("todo", 1)
    assert row["scheduled_at"] is not None
    _execute(database, "UPDATE procrastinate_jobs SET scheduled_at = NULL")
    await drain(_app(database, handler))
    assert len(handler.seen) == 2
    assert job_rows(database) == []


async def test_a_hopeless_job_becomes_a_dead_letter_and_gets_another_chance(
    uow_factory: UowFactory, database: str
) -> None:
    await defer(uow_factory, payload={"n": 7})
    handler = Recorder(InvalidInput("no"))
    await drain(_app(database, handler))
    (dead,) = await list_failed(database)
    assert (dead.name, dead.code, dead.payload) == ("triage", "invalid_input", {"n": 7})
    assert await requeue_failed(database, dead.id)
    assert not await requeue_failed(database, dead.id)
    await drain(_app(database, handler))
    assert handler.seen == [{"n": 7}, {"n": 7}]
    assert await list_failed(database) == ()
    async with (app := _app(database, handler)).open_async():
        await forget_failures(app)
        left = await app.connector.execute_query_all_async("SELECT * FROM job_failures")
    assert left == []


async def test_an_unforeseen_error_is_not_tried_for_ever(
    uow_factory: UowFactory, database: str
) -> None:
    await defer(uow_factory)
    handler = Recorder(*(RuntimeError("secret text") for _ in range(9)))
    for _ in range(9):
        _execute(database, "UPDATE procrastinate_jobs SET scheduled_at = NULL")
        await drain(_app(database, handler))
    assert len(handler.seen) == 5
    (dead,) = await list_failed(database)
    assert dead.code == "RuntimeError"


async def test_a_clearing_between_a_failure_and_its_end_forgets_nothing(
    uow_factory: UowFactory, database: str
) -> None:
    await defer(uow_factory)
    app = _app(database, Recorder(InvalidInput("no")))
    await drain(app)
    _execute(database, "UPDATE procrastinate_jobs SET status = 'doing'")
    async with app.open_async():
        await forget_failures(app)
    _execute(database, "UPDATE procrastinate_jobs SET status = 'failed'")
    (dead,) = await list_failed(database)
    assert dead.code == "invalid_input"


async def test_what_failed_for_good_rests_before_it_is_swept_up_again(
    uow_factory: UowFactory, database: str
) -> None:
    swept = {"key": "sweep", "rest": timedelta(hours=1)}
    await defer(uow_factory, **swept)
    await drain(_app(database, Recorder(InvalidInput("no"))))
    await defer(uow_factory, payload={"n": 2}, **swept)
    assert [row["status"] for row in job_rows(database)] == ["failed"]
    await defer(uow_factory, payload={"n": 3}, key="sweep")
    await defer(uow_factory, payload={"n": 4}, **swept | {"key": "other"})
    assert [row["args"]["n"] for row in job_rows(database)] == [1, 3, 4]


async def test_rest_ends(uow_factory: UowFactory, database: str) -> None:
    await defer(uow_factory, key="sweep")
    await drain(_app(database, Recorder(InvalidInput("no"))))
    _execute(database, "UPDATE job_failures SET at = now() - interval '2 hours'")
    await defer(uow_factory, key="sweep", rest=timedelta(hours=1))
    assert [row["status"] for row in job_rows(database)] == ["failed", "todo"]


async def test_no_text_of_an_error_is_logged(
    uow_factory: UowFactory, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    await defer(uow_factory)
    _execute(database, "UPDATE procrastinate_jobs SET attempts = 4")
    await drain(_app(database, Recorder(RuntimeError("my card is 6222"))))
    (dead,) = await list_failed(database)
    assert dead.code == "RuntimeError"
    assert any(record.levelname == "ERROR" for record in caplog.records)
    assert "6222" not in caplog.text


async def test_a_retry_gives_way_to_a_waiting_job_with_its_key(
    uow_factory: UowFactory, database: str
) -> None:
    async def handler(payload: Mapping[str, object]) -> None:
        if payload["n"] == 1:
            await defer(uow_factory, key="k", payload={"n": 2})
            raise TransientProviderError("away")

    await defer(uow_factory, key="k", payload={"n": 1})
    await drain(_app(database, handler), concurrency=1)
    assert [(row["args"]["n"], row["status"]) for row in job_rows(database)] == [(1, "aborted")]


async def _pretend_taken(database: str, attempts: int) -> None:
    """As a killed worker leaves it: taken, and no sign of life since."""
    _execute(
        database,
        f"""
        WITH gone AS (
            INSERT INTO procrastinate_workers (last_heartbeat)
            VALUES (now() - interval '1 hour') RETURNING id
        )
        UPDATE procrastinate_jobs SET status = 'doing', attempts = {attempts},
            worker_id = (SELECT id FROM gone)
        """,  # noqa: S608
    )


async def test_jobs_of_a_dead_worker_come_back(uow_factory: UowFactory, database: str) -> None:
    await defer(uow_factory)
    await _pretend_taken(database, attempts=0)
    handler = Recorder()
    await drain(_app(database, handler))
    assert handler.seen == [{"n": 1}]


async def test_a_job_that_kills_its_workers_ends_as_dead_letter(
    uow_factory: UowFactory, database: str
) -> None:
    await defer(uow_factory)
    await _pretend_taken(database, attempts=4)
    async with (app := _app(database, Recorder())).open_async():
        assert await recover_stalled(app) == 1
    (dead,) = await list_failed(database)
    assert dead.code == "worker_died"


async def test_a_worker_takes_jobs_at_once_and_stops_when_asked(
    uow_factory: UowFactory, database: str
) -> None:
    done, stop, swept = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(_payload: Mapping[str, object]) -> None:
        done.set()

    async def sweep() -> None:
        swept.set()

    app = _app(database, handler, sweep=sweep)
    working = asyncio.create_task(run_worker(app, concurrency=2, stop=stop))
    async with asyncio.timeout(20):
        await swept.wait()
        await defer(uow_factory)
        await done.wait()
        stop.set()
        await working
    assert job_rows(database) == []


async def test_a_slow_sweep_is_not_joined_by_the_next(
    uow_factory: UowFactory, database: str
) -> None:
    begun, triaged, stop, end = (asyncio.Event() for _ in range(4))
    at_once: list[str] = []

    async def sweep() -> None:
        at_once.append("sweep")
        begun.set()
        await end.wait()

    async def triage(_payload: Mapping[str, object]) -> None:
        triaged.set()

    app = _app(database, triage, sweep=sweep)
    working = asyncio.create_task(run_worker(app, concurrency=3, stop=stop))
    async with asyncio.timeout(20):
        await begun.wait()
        async with (other := _app(database, triage, sweep=sweep)).open_async():
            with suppress(AlreadyEnqueued):  # the minute ended just now
                await other.tasks["sweep"].defer_async(timestamp=0)
        await defer(uow_factory)  # less urgent: a free sweep would run before it
        await triaged.wait()
        assert at_once == ["sweep"]
        end.set()
        stop.set()
        await working


async def test_a_slow_model_keeps_no_triage_waiting(uow_factory: UowFactory, database: str) -> None:
    begun, triaged, stop, answer = (asyncio.Event() for _ in range(4))
    busy = 0

    async def slow(_payload: Mapping[str, object]) -> None:
        nonlocal busy
        busy += 1
        if busy == 2:
            begun.set()
        await answer.wait()

    async def triage(_payload: Mapping[str, object]) -> None:
        triaged.set()

    for number in range(9):
        await defer(uow_factory, Job.DRAFT, payload={"n": number})
    app = make_app(database, {Job.DRAFT: slow, Job.TRIAGE: triage})
    working = asyncio.create_task(run_worker(app, concurrency=4, stop=stop))
    async with asyncio.timeout(20):
        await begun.wait()
        await defer(uow_factory, Job.TRIAGE)
        await triaged.wait()
        answer.set()
        stop.set()
        await working


async def test_stopping_lets_a_running_job_finish(uow_factory: UowFactory, database: str) -> None:
    begun, stop = asyncio.Event(), asyncio.Event()
    finished: list[bool] = []

    async def handler(_payload: Mapping[str, object]) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        finished.append(True)

    await defer(uow_factory)
    app = _app(database, handler)
    working = asyncio.create_task(run_worker(app, concurrency=1, stop=stop))
    async with asyncio.timeout(20):
        await begun.wait()
        stop.set()
        await working
    assert finished == [True]
    assert job_rows(database) == []


@pytest.mark.slow
async def test_a_worker_outlives_a_lost_connection(uow_factory: UowFactory, database: str) -> None:
    done, stop = asyncio.Event(), asyncio.Event()

    async def handler(_payload: Mapping[str, object]) -> None:
        done.set()

    working = asyncio.create_task(run_worker(_app(database, handler), concurrency=1, stop=stop))
    async with asyncio.timeout(60):
        await asyncio.sleep(1)
        _execute(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND application_name = 'huiyin-jobs'",
        )
        await defer(uow_factory)
        await done.wait()
        stop.set()
        await working
