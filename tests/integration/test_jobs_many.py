"""Many jobs deferred by one statement."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from service.ports.jobs import Deferred, Job
from service.ports.store import UowFactory
from tests.plugins._jobs import defer, job_rows


def _draft(case_id: str, run_at: datetime | None = None) -> Deferred:
    return Deferred(f"draft:{case_id}", {"case_id": case_id}, run_at)


async def test_each_of_many_jobs_waits_for_its_own_moment(
    uow_factory: UowFactory, database: str
) -> None:
    later = datetime(2099, 1, 1, tzinfo=UTC)
    async with uow_factory() as uow:
        await uow.jobs.defer_all(Job.DRAFT, [_draft("a", later), _draft("b")])
        await uow.commit()
    assert [row["scheduled_at"] for row in job_rows(database)] == [later, None]


async def test_many_jobs_are_deferred_at_once_but_none_that_waits_already(
    uow_factory: UowFactory, database: str
) -> None:
    await defer(uow_factory, Job.DRAFT, payload={"case_id": "b"}, key="draft:b")
    async with uow_factory() as uow:
        await uow.jobs.defer_all(Job.DRAFT, [_draft(c) for c in "abc"])
        await uow.jobs.defer_all(Job.DRAFT, [_draft("a")])
        await uow.jobs.defer_all(Job.DRAFT, [])
        await uow.commit()
    assert [row["args"]["case_id"] for row in job_rows(database)] == ["b", "a", "c"]


async def test_two_transactions_that_defer_the_same_jobs_leave_one_of_each(
    uow_factory: UowFactory, database: str
) -> None:
    async with uow_factory() as first, uow_factory() as second:
        await first.jobs.defer_all(Job.DRAFT, [_draft("a")])
        both = [_draft("a"), _draft("b")]
        waiting = asyncio.create_task(second.jobs.defer_all(Job.DRAFT, both))
        await asyncio.sleep(0.2)  # it cannot see the other's job yet, and waits for its end
        await first.commit()
        await waiting
        await second.commit()
    assert sorted(row["args"]["case_id"] for row in job_rows(database)) == ["a", "b"]
