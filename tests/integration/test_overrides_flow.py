"""A correction is a fact: it shows everywhere, outlives later triages and proposes an example."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from service.bootstrap import Application
from service.domain.override import Change
from service.domain.taxonomy import Department
from service.domain.triage import Triage
from service.errors import Conflict, InvalidInput, MovedOn, NotFound
from service.ports.queries import CaseFilter, ExampleFilter, OverrideFilter
from tests.plugins.app import FrozenClock
from tests.plugins.web import Seed, item


async def case_of(application: Application, task_id: str) -> str:
    view = await application.queries.task(task_id)
    assert view is not None
    return str(view.draft.case_id)


async def newest(application: Application, case_id: str) -> Triage:
    async with application.uow() as uow:
        return (await uow.triages.latest([case_id]))[case_id]


@pytest.fixture
async def case_id(seed: Seed, application: Application) -> str:
    (task,) = await seed(item(1, "我要退款，电话 13812345678", thread="t"))
    return await case_of(application, task)


async def test_lists_and_tasks_show_what_a_person_set(
    application: Application, case_id: str
) -> None:
    change = Change(categories=("bug_report",), severity=3, department=Department.LEGAL)
    done = await application.overrides.override(case_id, change, by="ann")
    assert done.override.before.categories == ("billing_refund",)
    (row,) = (await application.queries.cases("acme", CaseFilter(category="bug_report"))).items
    assert (row.severity, row.department, row.confidence) == (3, "legal", 1.0)
    assert set(row.by_person) == {"categories", "severity", "department"}
    (queued,) = (await application.queries.queue("acme")).items
    assert (queued.category, queued.severity) == ("bug_report", 3)
    assert set(queued.by_person) == set(row.by_person)
    task = await application.queries.task(queued.task_id)
    assert task is not None
    assert task.triage == done.triage
    assert len(await application.queries.triages_of(case_id)) == 2


async def test_a_graver_case_moves_up_the_queue(application: Application, seed: Seed) -> None:
    low, high = await seed("谢谢", "我要退款")
    queue = (await application.queries.queue("acme")).items
    assert [row.task_id for row in queue] == [high, low]
    case = await case_of(application, low)
    await application.overrides.override(case, Change(severity=4), by="ann")
    queue = (await application.queries.queue("acme")).items
    assert [row.task_id for row in queue] == [low, high]
    await application.overrides.override(case, Change(severity=0), by="ann", reason="玩笑")
    queue = (await application.queries.queue("acme")).items
    assert [row.task_id for row in queue] == [high, low]


async def test_a_grown_case_keeps_the_decision(
    application: Application, case_id: str, clock: FrozenClock
) -> None:
    await application.overrides.override(case_id, Change(categories=("complaint",)), by="ann")
    more = item(2, "闪退了", author="author1", thread="t", sent_at="2026-04-01T04:01:00Z")
    await application.ingest.ingest("acme", [more])
    clock.move(timedelta(minutes=1))
    assert await application.triage.run("acme", [case_id]) == 1
    kept = await newest(application, case_id)
    assert kept.case_size == 2
    assert kept.judgement.primary == "complaint"
    assert kept.standing is not None
    assert (kept.standing.by, kept.standing.moved_on) == ("ann", False)
    (row,) = (await application.queries.cases("acme", CaseFilter())).items
    assert (row.category, row.by_person) == ("complaint", ("categories",))


async def test_a_triage_under_way_does_not_overwrite(
    application: Application, case_id: str
) -> None:
    more = item(2, "还有", author="author1", thread="t", sent_at="2026-04-01T04:01:00Z")
    await application.ingest.ingest("acme", [more])
    await asyncio.gather(
        application.triage.run("acme", [case_id]),
        application.overrides.override(case_id, Change(categories=("appeal",)), by="ann"),
        application.triage.run("acme", [case_id]),
    )
    await application.triage.run("acme", [case_id])
    kept = await newest(application, case_id)
    assert (kept.judgement.primary, kept.case_size) == ("appeal", 2)


async def test_doing_it_again_changes_nothing(application: Application, case_id: str) -> None:
    change = Change(categories=("complaint",))
    first = await application.overrides.override(case_id, change, by="ann")
    again = await application.overrides.override(case_id, change, by="ann")
    assert (again.override, again.triage) == (first.override, first.triage)
    page = await application.queries.overrides("acme", OverrideFilter())
    assert page.items == (first.override,)


async def test_a_single_category_proposes_an_example_without_personal_data(
    application: Application, case_id: str
) -> None:
    done = await application.overrides.override(case_id, Change(categories=("appeal",)), by="ann")
    assert done.example is not None
    assert done.example.text == "我要退款，电话 [PHONE_1]"
    both = Change(categories=("appeal", "complaint"))
    assert (await application.overrides.override(case_id, both, by="ann")).example is None
    await application.overrides.override(case_id, Change(categories=("complaint",)), by="li")
    shown = (await application.queries.examples("acme", ExampleFilter())).items
    assert {(one.category, one.status.value, one.reason) for one in shown} == {
        ("appeal", "rejected", "superseded"),
        ("complaint", "proposed", ""),
    }


async def test_what_cannot_be_set_is_refused(application: Application, case_id: str) -> None:
    flow = application.overrides
    for change in (Change(), Change(categories=("nonsense",))):
        with pytest.raises(InvalidInput):
            await flow.override(case_id, change, by="ann")
    with pytest.raises(InvalidInput, match="reason"):
        await flow.override(case_id, Change(severity=0), by="ann", reason=" ")
    with pytest.raises(NotFound):
        await flow.override("case_x", Change(severity=3), by="ann")
    with pytest.raises(MovedOn):
        await flow.override(case_id, Change(severity=3), by="ann", seen="tri_old")
    (result,) = await application.ingest.ingest("acme", [item(9, "新的")])
    with pytest.raises(Conflict):
        await flow.override(str(result.case_id), Change(severity=3), by="ann")


async def test_a_reason_holds_no_personal_data(application: Application, case_id: str) -> None:
    done = await application.overrides.override(
        case_id, Change(severity=0), by="ann", reason="打 13912345678 问过，是玩笑"
    )
    assert "13912345678" not in done.override.model_dump_json()
