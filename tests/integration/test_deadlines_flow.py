"""What is late, or nearly, is recorded once; an answer stops the clock."""

from __future__ import annotations

from datetime import timedelta

from service.bootstrap import Application
from service.domain.review import RejectReason, Verdict
from service.flows.review import Ruling
from service.ports.models import SendResult
from service.ports.queries import CaseFilter
from tests.plugins.app import START, FrozenClock
from tests.plugins.radar import RecordingNotifier
from tests.plugins.web import Seed, item


def now_item(number: int, text: str, **more: object) -> dict[str, object]:
    return item(number, text, sent_at=START.isoformat(), **more)


async def late_now(application: Application, kind: str) -> list[str]:
    page = await application.queries.cases("acme", CaseFilter(sla=kind))
    return [row.case_id for row in page.items]


async def test_near_then_late_each_once(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    (task,) = await seed(now_item(1, "又闪退了"))
    view = await application.queries.task(task)
    assert view is not None
    assert view.triage is not None
    due, case_id = view.triage.judgement.route.due_at, str(view.draft.case_id)
    assert await application.deadlines.sweep() == ()
    clock.at = due - timedelta(minutes=30)
    (near,) = await application.deadlines.sweep()
    assert (near.kind, near.case_id, near.due_at) == ("near", case_id, due)
    assert await application.deadlines.sweep() == ()
    assert await late_now(application, "near") == [case_id]
    clock.at = due
    (breach,) = await application.deadlines.sweep()
    assert (breach.kind, breach.department, breach.severity) == ("breached", "product", 2)
    assert await application.deadlines.sweep() == ()
    assert await late_now(application, "breached") == [case_id]
    assert await late_now(application, "near") == []
    counts = await application.queries.counts("acme")
    assert (counts.near, counts.late) == (0, 1)
    recorded = (await application.queries.breaches("acme")).items
    assert [one.kind for one in recorded] == ["breached", "near"]
    assert (await application.queries.breaches("acme", kind="near")).items == recorded[1:]
    assert (await application.queries.breaches("acme", since=due + timedelta(1))).items == ()


async def test_an_answer_stops_the_clock(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    early, late = await seed(now_item(1, "又闪退了"), now_item(2, "闪退闪退"))
    await reject(application, early)
    clock.move(timedelta(days=1))
    (breach,) = await application.deadlines.sweep()
    view = await application.queries.task(late)
    assert view is not None
    assert breach.case_id == view.draft.case_id
    await reject(application, late)
    assert await late_now(application, "breached") == [], "seen before the next sweep"
    assert await application.deadlines.sweep() == ()
    counts = await application.queries.counts("acme")
    assert (counts.near, counts.late) == (0, 0)


async def test_a_member_who_writes_again_starts_the_clock_again(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    await seed(now_item(1, "又闪退了", thread="t"))
    clock.move(timedelta(hours=20))
    assert len(await application.deadlines.sweep()) == 1
    more = now_item(2, "还是闪退", author="author1", thread="t")
    more["sent_at"] = clock.now().isoformat()
    (result,) = await application.ingest.ingest("acme", [more])
    await application.triage.run("acme", [str(result.case_id)])
    assert await late_now(application, "breached") == []
    clock.move(timedelta(hours=20))
    assert len(await application.deadlines.sweep()) == 1


async def test_what_became_late_is_told_in_one_notice(
    application: Application, seed: Seed, clock: FrozenClock, notifier: RecordingNotifier
) -> None:
    await seed(now_item(1, "又闪退了"), now_item(2, "闪退闪退"))
    clock.move(timedelta(days=1))
    late = await application.deadlines.sweep()
    (waiting,) = (await application.queries.notices("acme", kind="deadline")).items
    assert {one.id for one in waiting.breaches} == {one.id for one in late}
    notifier.answers = [SendResult(ok=False, status_code=None, error="no answer")]
    await application.notify.send(waiting.id)
    clock.move(timedelta(hours=1))
    await application.notify.send(waiting.id)
    assert [one.id for one in notifier.sent] == [waiting.id, waiting.id]
    assert (await application.queries.notices("acme", status="sent")).items[0].attempts == 2
    assert await application.deadlines.sweep() == ()
    assert len((await application.queries.notices("acme")).items) == 1


async def test_without_an_address_the_notice_is_held(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    await seed(now_item(1, "又闪退了"))
    clock.move(timedelta(days=1))
    await application.deadlines.sweep()
    (notice,) = (await application.queries.notices("acme")).items
    assert (notice.status, await application.notify.send(notice.id)) == ("held", None)


async def test_an_imported_archive_is_never_late(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    old = (START - timedelta(days=60)).isoformat()
    results = await application.ingest.ingest("acme", [item(1, "又闪退了", sent_at=old)])
    await application.triage.run("acme", [str(results[0].case_id)])
    assert await application.deadlines.sweep() == ()
    assert (await application.queries.counts("acme")).late == 0


async def reject(application: Application, task: str) -> None:
    view = await application.queries.task(task)
    assert view is not None
    ruling = Ruling(Verdict.REJECT, view.revisions[-1].hash, reason=RejectReason.NO_REPLY_NEEDED)
    await application.review.decide(task, "ann", ruling)
