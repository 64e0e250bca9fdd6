"""Delivery: at least once, one key, tries with waits between, a dead end that can be replayed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from service.bootstrap import Application
from service.domain.delivery import MAX_ATTEMPTS, OutboxEntry, OutboxStatus
from service.domain.review import Verdict
from service.errors import Conflict, NotFound
from service.flows.review import Ruling
from service.ports.models import SendResult

TEMPORARY = SendResult(ok=False, status_code=503, error="HTTP 503")
FINAL = SendResult(ok=False, status_code=400, error="HTTP 400", permanent=True)


@pytest.fixture
async def entry(application: Application, clock: Any) -> OutboxEntry:
    """An approved reply whose undo window has passed."""
    raw = {"source": "qq", "external_id": "m1", "author": "ann", "text": "怎么导出笔记？"}
    (result,) = await application.ingest.ingest("acme", [raw])
    case_id = result.case_id or ""
    await application.triage.run("acme", [case_id])
    await application.draft.redraft(case_id)
    task_id = await application.queries.task_of_case(case_id) or ""
    view = await application.queries.task(task_id)
    assert view is not None
    await application.review.decide(
        task_id,
        "ann",
        Ruling(
            verdict=Verdict.APPROVE_EDITED,
            revision_hash=view.revisions[-1].hash,
            text="在设置里导出。",
            acknowledge=True,
        ),
    )
    view = await application.queries.task(task_id)
    assert view is not None
    assert view.entry is not None
    clock.move(timedelta(seconds=31))
    return view.entry


async def stored(application: Application, entry: OutboxEntry) -> OutboxEntry:
    async with application.uow() as uow:
        found = await uow.outbox.get(entry.id)
    assert found is not None
    return found


async def test_nothing_leaves_inside_the_undo_window(
    application: Application, entry: OutboxEntry, clock: Any, receiver: Any
) -> None:
    clock.move(timedelta(seconds=-10))
    assert await application.deliver.deliver(entry.id) is None
    assert receiver.sent == []


async def test_a_delivery_is_logged_and_not_repeated(
    application: Application, entry: OutboxEntry, receiver: Any
) -> None:
    delivered = await application.deliver.deliver(entry.id)
    assert delivered is not None
    assert delivered.status is OutboxStatus.DELIVERED
    assert await application.deliver.deliver(entry.id) is None
    assert [sent.id for sent in receiver.sent] == [entry.id]
    page = await application.queries.deliveries("acme")
    assert [attempt.ok for attempt in page.items[0].attempts] == [True]


async def test_concurrent_workers_send_once(
    application: Application, entry: OutboxEntry, receiver: Any
) -> None:
    await asyncio.gather(*(application.deliver.deliver(entry.id) for _ in range(8)))
    assert len(receiver.sent) == 1


async def test_a_failing_receiver_is_tried_again_with_the_same_key(
    application: Application, entry: OutboxEntry, receiver: Any, clock: Any
) -> None:
    receiver.answers = [TEMPORARY]
    after = await application.deliver.deliver(entry.id)
    assert after is not None
    assert after.status is OutboxStatus.PENDING
    assert await application.deliver.deliver(entry.id) is None
    clock.move(timedelta(minutes=1))
    again = await application.deliver.deliver(entry.id)
    assert again is not None
    assert again.status is OutboxStatus.DELIVERED
    assert {sent.id for sent in receiver.sent} == {entry.id}


async def test_a_refusal_is_final_until_a_person_replays_it(
    application: Application, entry: OutboxEntry, receiver: Any
) -> None:
    receiver.answers = [FINAL]
    await application.deliver.deliver(entry.id)
    assert (await stored(application, entry)).status is OutboxStatus.DEAD
    await application.deliver.replay("acme", entry.id)
    again = await application.deliver.deliver(entry.id)
    assert again is not None
    assert again.status is OutboxStatus.DELIVERED


async def test_tries_are_bounded(
    application: Application, entry: OutboxEntry, receiver: Any, clock: Any
) -> None:
    receiver.answers = [TEMPORARY] * MAX_ATTEMPTS
    for _ in range(MAX_ATTEMPTS):
        await application.deliver.deliver(entry.id)
        clock.move(timedelta(hours=2))
    assert (await stored(application, entry)).status is OutboxStatus.DEAD
    assert len(receiver.sent) == MAX_ATTEMPTS


async def test_tries_that_never_end_are_bounded_too(
    application: Application, entry: OutboxEntry, receiver: Any, clock: Any
) -> None:
    for _ in range(MAX_ATTEMPTS):
        assert await application.deliver._take(entry.id) is not None
        clock.move(timedelta(minutes=3))
    assert await application.deliver.deliver(entry.id) is None
    assert (await stored(application, entry)).status is OutboxStatus.DEAD
    assert receiver.sent == []


async def test_a_worker_that_died_while_sending_is_followed_by_another(
    application: Application, entry: OutboxEntry, receiver: Any, clock: Any
) -> None:
    taken = await application.deliver._take(entry.id)
    assert taken is not None
    assert await application.deliver.deliver(entry.id) is None
    clock.move(timedelta(minutes=3))
    async with application.uow() as uow:
        assert await uow.outbox.due(clock.now(), 10) == (entry.id,)
    delivered = await application.deliver.deliver(entry.id)
    assert delivered is not None
    assert delivered.status is OutboxStatus.DELIVERED


async def test_without_a_receiver_the_entry_is_held_and_can_be_released(
    application: Application, entry: OutboxEntry, receiver: Any
) -> None:
    await set_url(application, None)
    held = await application.deliver.deliver(entry.id)
    assert held is not None
    assert held.status is OutboxStatus.HELD
    with pytest.raises(Conflict):
        await application.deliver.replay("acme", entry.id)
    await set_url(application, "http://127.0.0.1:9/")
    await application.deliver.replay("acme", entry.id)
    await application.deliver.deliver(entry.id)
    assert len(receiver.sent) == 1


async def test_a_delivered_entry_is_never_replayed(
    application: Application, entry: OutboxEntry
) -> None:
    await application.deliver.deliver(entry.id)
    with pytest.raises(Conflict):
        await application.deliver.replay("acme", entry.id)
    with pytest.raises(NotFound):
        await application.deliver.replay("other", entry.id)


async def set_url(application: Application, url: str | None) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        await uow.communities.save(community.model_copy(update={"delivery_url": url}))
        await uow.commit()
