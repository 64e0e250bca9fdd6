"""The radar on a real database: counted once, alarmed once, told once, closed by people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.bootstrap import Application
from service.domain.alert import Finding, Metric, MetricKind
from service.domain.incident import EntryKind, IncidentStatus
from service.domain.notice import NoticeStatus
from service.errors import IllegalTransition, NotFound
from service.ports.models import SendResult
from tests.plugins import _facts as facts
from tests.plugins.radar import Crowd, RecordingNotifier, Weeks, store

REFUNDS = Metric(kind=MetricKind.CATEGORY, key="billing_refund")
VOLUME = Metric(kind=MetricKind.VOLUME)


async def rows(application: Application, query: str) -> list[Any]:
    async with application.engine.connect() as connection:
        return list((await connection.execute(text(query))).all())


async def rooms(application: Application) -> list[str]:
    return [row.id for row in await rows(application, "SELECT id FROM incidents ORDER BY id")]


async def notices(application: Application) -> list[str]:
    return [row.id for row in await rows(application, "SELECT id FROM notices ORDER BY id")]


async def test_quiet_weeks_raise_nothing(application: Application, weeks: Weeks) -> None:
    await weeks()
    readings = await application.radar.run("acme")
    assert {reading.metric for reading in readings} >= {VOLUME}
    assert all(reading.level == 0 for reading in readings)
    assert await rooms(application) == []


async def test_a_crowd_opens_one_incident_with_evidence(
    application: Application, weeks: Weeks, crowd: Crowd
) -> None:
    await weeks()
    cases = await crowd(24)
    readings = {one.metric: one for one in await application.radar.run("acme")}
    assert readings[REFUNDS].finding is Finding.SPIKE
    (incident_id,) = await rooms(application)
    room = await application.incidents.room(incident_id)
    assert room.incident.level == 4
    assert {alert.metric for alert in room.alerts} >= {VOLUME, REFUNDS}
    refunds = next(alert for alert in room.alerts if alert.metric == REFUNDS)
    assert set(refunds.evidence) <= set(cases)
    assert refunds.authors == 24
    assert room.entries[0].kind is EntryKind.OPENED


async def test_running_again_changes_nothing_more(
    application: Application, weeks: Weeks, crowd: Crowd, clock: Any
) -> None:
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    (incident_id,) = await rooms(application)
    first = await application.incidents.room(incident_id)
    await application.radar.run("acme")
    clock.move(timedelta(minutes=15))
    await application.radar.run("acme")
    again = await application.incidents.room(incident_id)
    assert await rooms(application) == [incident_id]
    assert len(again.alerts) == len(first.alerts)
    assert again.entries == first.entries
    assert all(a.last_at >= b.last_at for a, b in zip(again.alerts, first.alerts, strict=True))


async def test_one_person_opens_nothing(application: Application, weeks: Weeks) -> None:
    await weeks()
    now = application.clock.now()
    said = [("spammer", now - timedelta(seconds=20 * n)) for n in range(80)]
    await store(application, said, category="spam_ad", severity=1)
    assert all(one.level == 0 for one in await application.radar.run("acme"))


async def test_the_communitys_own_people_are_not_counted(
    application: Application, weeks: Weeks, crowd: Crowd
) -> None:
    await weeks()
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        staff = frozenset(f"staff{n}" for n in range(24))
        await uow.communities.save(community.model_copy(update={"staff": staff}))
        await uow.commit()
    await crowd(24, who="staff")
    assert all(one.level == 0 for one in await application.radar.run("acme"))


async def test_a_serious_incident_is_told_once(
    application: Application, weeks: Weeks, crowd: Crowd, notifier: RecordingNotifier
) -> None:
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    await application.radar.run("acme")
    (notice_id,) = await notices(application)
    sent = await application.notify.send(notice_id)
    assert sent is not None
    assert sent.status is NoticeStatus.SENT
    assert await application.notify.send(notice_id) is None
    (told,) = notifier.sent
    assert told.level >= 3
    assert {alert.metric for alert in told.alerts} >= {REFUNDS}
    room = await application.incidents.room(told.incident_id)
    assert EntryKind.NOTIFIED in {entry.kind for entry in room.entries}
    assert await rows(application, "SELECT id FROM outbox_entries") == []


async def test_a_deaf_receiver_is_tried_again_and_given_up(
    application: Application, weeks: Weeks, crowd: Crowd, notifier: RecordingNotifier, clock: Any
) -> None:
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    (notice_id,) = await notices(application)
    notifier.answers = [SendResult(ok=False, status_code=503, error="answered 503")] * 8
    for _ in range(8):
        after = await application.notify.send(notice_id)
        clock.move(timedelta(hours=2))
    assert after is not None
    assert (after.status, after.error) == (NoticeStatus.DEAD, "answered 503")
    assert await application.notify.sweep() == 0


async def test_without_an_address_the_notice_is_held(
    application: Application, weeks: Weeks, crowd: Crowd
) -> None:
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    async with application.uow() as uow:
        notice = await uow.radar.notice((await notices(application))[0])
    assert notice is not None
    assert notice.status is NoticeStatus.HELD


async def test_people_acknowledge_note_and_close(
    application: Application, weeks: Weeks, crowd: Crowd
) -> None:
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    (incident_id,) = await rooms(application)
    flow = application.incidents
    with pytest.raises(IllegalTransition):
        await flow.close(incident_id, "wen")
    await flow.acknowledge(incident_id, "wen", "looking")
    assert (await flow.acknowledge(incident_id, "wen")).acknowledged_by == "wen"
    with pytest.raises(IllegalTransition):
        await flow.acknowledge(incident_id, "li")
    await flow.tell(incident_id, "li", EntryKind.NOTE, note="n" * 3000)
    closed = await flow.close(incident_id, "li")
    assert closed.status is IncidentStatus.CLOSED
    room = await flow.room(incident_id)
    kinds = [entry.kind for entry in room.entries if entry.actor != "radar"]
    assert kinds == [EntryKind.ACKNOWLEDGED, EntryKind.NOTE, EntryKind.CLOSED]
    assert max(len(entry.note) for entry in room.entries) == 2000


async def test_what_comes_after_a_closed_incident_opens_another(
    application: Application, weeks: Weeks, crowd: Crowd, clock: Any
) -> None:
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    (first,) = await rooms(application)
    await application.incidents.acknowledge(first, "wen")
    await application.incidents.close(first, "wen")
    clock.move(timedelta(days=2))
    await crowd(24, who="other")
    await application.radar.run("acme")
    assert len(await rooms(application)) == 2


async def test_late_messages_corrections_and_erasure_are_counted_again(
    application: Application, clock: Any
) -> None:
    at = clock.now() - timedelta(days=3)
    (case_id,) = await store(application, [("ann", at)], category="bug_report")
    await application.radar.run("acme")
    counted = "SELECT kind, key, count, voices FROM pulses WHERE kind IN ('messages', 'category')"
    assert set(await rows(application, counted)) == {
        ("messages", "", 1, 1), ("category", "bug_report", 1, 1),
    }  # fmt: skip
    late = facts.message("late", sent_at=at, received_at=clock.now(), author="bob", case_id=case_id)
    async with application.uow() as uow:
        await uow.messages.add([late])
        await uow.triages.add(
            [facts.triage("t2", case_id, case_size=2, category="complaint", content_hash="x")]
        )
        await uow.commit()
    await application.radar.run("acme")
    assert set(await rows(application, counted)) == {
        ("messages", "", 2, 2), ("category", "complaint", 1, 1),
    }  # fmt: skip
    async with application.engine.begin() as connection:
        await connection.execute(text("DELETE FROM messages WHERE id = 'late'"))
    await application.radar.run("acme")
    assert ("messages", "", 1, 1) in await rows(application, counted)
    authors = await rows(application, "SELECT author, messages FROM author_days")
    assert authors == [("ann", 1)]
    assert await rows(application, "SELECT id FROM stale_buckets") == []


async def test_noise_is_no_effective_participation(application: Application, clock: Any) -> None:
    from service.domain.triage import Signal, SignalKind

    at = clock.now() - timedelta(hours=1)
    noise = (Signal(kind=SignalKind.NOISE, code="thanks"),)
    await store(application, [("ann", at), ("bob", at)], signals=noise)
    await store(application, [("ann", at)])
    await application.radar.run("acme")
    found = await rows(application, "SELECT author, messages, effective FROM author_days")
    assert set(found) == {("ann", 2, 1), ("bob", 1, 0)}


async def test_every_community_gets_its_run_once(application: Application) -> None:
    assert await application.radar.defer_all() == 1
    await application.radar.defer_all()
    waiting = await rows(
        application, "SELECT args FROM procrastinate_jobs WHERE task_name = 'radar'"
    )
    assert [row.args for row in waiting] == [{"community": "acme"}]


async def test_strangers_are_not_found(application: Application) -> None:
    with pytest.raises(NotFound):
        await application.radar.run("nobody")
    with pytest.raises(NotFound):
        await application.incidents.room("nothing")
