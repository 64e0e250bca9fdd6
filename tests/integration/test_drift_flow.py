"""Drift alarms on a real database: seen once, told once, closed by people, ended by calm."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.bootstrap import Application
from service.domain.drift import DriftAlarm, Measure, Window
from service.domain.evaluation import Basis, Promotion, SubjectKind
from service.domain.notice import NoticeKind, NoticeStatus
from service.errors import Conflict, NotFound
from tests.plugins.radar import RecordingNotifier
from tests.plugins.shares import MOVED, USUAL, Mixed


async def alarms(application: Application) -> tuple[DriftAlarm, ...]:
    async with application.uow() as uow:
        return await uow.drift.alarms("acme", application.clock.now() - timedelta(days=60))


async def rows(application: Application, query: str) -> list[Any]:
    async with application.engine.connect() as connection:
        return list((await connection.execute(text(query))).all())


@pytest.fixture
async def moved(mixed: Mixed) -> None:
    """Four ordinary weeks and two days of another mix."""
    await mixed(USUAL, range(2, 32))
    await mixed(MOVED, range(2))


async def test_ordinary_weeks_raise_nothing(application: Application, mixed: Mixed) -> None:
    await mixed(USUAL, range(36))
    shifts = await application.drift.run("acme")
    assert {one.measure for one in shifts} >= {Measure.CATEGORY}
    assert all(one.level == 0 for one in shifts)
    assert await alarms(application) == ()
    view = await application.insights.drift("acme", application.clock.now())
    assert (view.shifts, view.alarms) == (shifts, ())


@pytest.mark.usefixtures("moved")
async def test_a_moved_mix_is_one_alarm_with_cases_however_often_it_is_seen(
    application: Application, clock: Any
) -> None:
    await application.drift.run("acme")
    (alarm,) = await alarms(application)
    assert alarm.measure is Measure.CATEGORY
    assert alarm.shift.moves[0].key == "billing_refund"
    assert (alarm.shift.moves[0].before.value, alarm.causes) == (0, ())
    refunds = await rows(
        application, "SELECT case_id FROM case_states WHERE category = 'billing_refund'"
    )
    assert set(alarm.evidence) <= {row.case_id for row in refunds}
    assert len(alarm.evidence) == 20
    await application.drift.run("acme")
    clock.move(timedelta(hours=3))
    await application.drift.run("acme")
    (again,) = await alarms(application)
    assert (again.id, again.started_at) == (alarm.id, alarm.started_at)
    assert again.last_at >= alarm.last_at


@pytest.mark.usefixtures("moved")
async def test_two_runs_at_once_open_one_alarm(application: Application) -> None:
    await asyncio.gather(application.drift.run("acme"), application.drift.run("acme"))
    assert len(await alarms(application)) == 1
    assert len(await rows(application, "SELECT id FROM notices")) == 1


@pytest.mark.usefixtures("moved")
async def test_it_is_told_once_in_numbers(
    application: Application, notifier: RecordingNotifier
) -> None:
    await application.drift.run("acme")
    await application.drift.run("acme")
    (notice,) = await rows(application, "SELECT id FROM notices")
    sent = await application.notify.send(notice.id)
    assert sent is not None
    assert (sent.status, sent.kind) == (NoticeStatus.SENT, NoticeKind.DRIFT)
    (told,) = notifier.sent
    (drift,) = told.drifts
    assert (drift.measure, drift.moves[0].key) == (Measure.CATEGORY, "billing_refund")
    assert "case" not in told.model_dump_json(include={"drifts"})


@pytest.mark.usefixtures("moved")
async def test_without_an_address_the_notice_is_held(application: Application) -> None:
    await application.drift.run("acme")
    assert [row.status for row in await rows(application, "SELECT status FROM notices")] == ["held"]


@pytest.mark.usefixtures("moved")
async def test_a_change_people_made_is_named(application: Application, clock: Any) -> None:
    made = Promotion(
        id="prm_1", kind=SubjectKind.TAXONOMY, name="", community=None, version="9",
        candidate_hash="b", baseline_hash="a", basis=Basis.PASS, evaluation_id=None, by="wen",
        created_at=clock.now() - timedelta(days=2),
    )  # fmt: skip
    async with application.uow() as uow:
        await uow.promotions.add(made)
        await uow.promotions.add(
            made.model_copy(update={"id": "prm_2", "kind": SubjectKind.RULES, "name": "faq"})
        )
        await uow.commit()
    await application.drift.run("acme")
    (alarm,) = await alarms(application)
    assert [one.promotion_id for one in alarm.causes] == ["prm_1"]


@pytest.mark.usefixtures("moved")
async def test_a_closed_alarm_is_the_rule_from_then_on(
    application: Application, mixed: Mixed, clock: Any
) -> None:
    await application.drift.run("acme")
    (alarm,) = await alarms(application)
    closed = await application.drift.close(alarm.id, "wen", "the sale began")
    assert await application.drift.close(alarm.id, "wen") == closed
    with pytest.raises(Conflict):
        await application.drift.close(alarm.id, "li")
    clock.move(timedelta(days=10))
    await mixed(MOVED, range(10))
    shifts = await application.drift.run("acme")
    assert Measure.CATEGORY not in {one.measure for one in shifts}
    clock.move(timedelta(days=6))
    await mixed(MOVED, range(6))
    shifts = await application.drift.run("acme")
    week = {one.measure: one for one in shifts if one.window is Window.WEEK}[Measure.CATEGORY]
    assert (week.level, week.n_reference < 500) == (0, True)
    assert [one.id for one in await alarms(application)] == [alarm.id]
    view = await application.insights.drift("acme", clock.now())
    assert view.alarms == ()


@pytest.mark.usefixtures("moved")
async def test_calm_ends_it_and_what_comes_later_is_another(
    application: Application, mixed: Mixed, clock: Any
) -> None:
    await application.drift.run("acme")
    clock.move(timedelta(days=12))
    await mixed(USUAL, range(12))
    await application.drift.run("acme")
    assert (await application.insights.drift("acme", clock.now())).alarms == ()
    clock.move(timedelta(days=1))
    await mixed({"abuse": 40, "chat": 10}, range(1))
    await application.drift.run("acme")
    first, second = await alarms(application)
    assert (first.closed_at, second.started_at > first.last_at) == (None, True)
    page = await application.insights.drift_alarms("acme")
    assert [one.id for one in page.items] == [second.id, first.id]


async def test_abstention_counts_what_the_engine_gave_up_on(
    application: Application, mixed: Mixed
) -> None:
    await mixed(USUAL, range(1, 32))
    await mixed(USUAL, range(1), abstained=True)
    shifts = await application.drift.run("acme")
    moved = {one.measure: one for one in shifts if one.level}
    assert set(moved) == {Measure.ABSTENTION}
    assert moved[Measure.ABSTENTION].level == 3


async def test_one_author_moves_nothing(application: Application, mixed: Mixed) -> None:
    from tests.plugins.radar import store

    await mixed(USUAL, range(32))
    now = application.clock.now()
    flood = [("ann", now - timedelta(minutes=5 + n)) for n in range(200)]
    await store(application, flood, category="spam_ad")
    assert all(one.level == 0 for one in await application.drift.run("acme"))


async def test_every_community_runs_once_an_hour(application: Application, clock: Any) -> None:
    assert await application.drift.defer_due() == 1
    await application.drift.defer_due()
    waiting = await rows(application, "SELECT args FROM procrastinate_jobs WHERE task_name='drift'")
    assert [row.args for row in waiting] == [{"community": "acme"}]
    await application.drift.run("acme")
    assert await application.drift.defer_due() == 0
    clock.move(timedelta(hours=1))
    assert await application.drift.defer_due() == 1


async def test_strangers_are_not_found(application: Application) -> None:
    with pytest.raises(NotFound):
        await application.drift.run("nobody")
    with pytest.raises(NotFound):
        await application.drift.close("nothing", "wen")
