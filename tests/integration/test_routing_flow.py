"""Routing rules act only after a rehearsal somebody saw; then they decide for every new case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.bootstrap import Application
from service.domain.override import Change
from service.domain.report import RehearsalSubject, Report, ReportStatus
from service.domain.routing import AuthorKind, Pressing, RoutingRules, Rule, Then, When
from service.domain.taxonomy import Department
from service.domain.triage import Triage
from service.errors import Conflict, InvalidInput, NotFound
from service.ports.jobs import Job
from tests.plugins.app import FrozenClock
from tests.plugins.web import Seed, item

RULES = RoutingRules(
    rules=(
        Rule(
            id="partners",
            when=When(authors=(AuthorKind.PARTNER,)),
            then=Then(department=Department.PARTNERS, pressing=Pressing.URGENT),
        ),
        Rule(
            id="refunds",
            when=When(categories=("billing_refund",), keywords=("退款",)),
            then=Then(department=Department.LEGAL, sla_hours=2),
        ),
    ),
    default_queue=Then(department=Department.OPERATIONS),
)


async def rehearsed(application: Application, rules: RoutingRules = RULES) -> tuple[int, Report]:
    given = await application.routing.put("acme", rules, by="ann")
    subject = RehearsalSubject(days=30, set_id=given.id)
    report = await application.rehearse.request("acme", subject, by="ann")
    return given.version, await application.rehearse.run(report.id)


async def activate(application: Application, rules: RoutingRules = RULES) -> None:
    version, report = await rehearsed(application, rules)
    assert report.hash
    await application.routing.activate("acme", version, report.hash, by="ann")


async def newest(application: Application, case_id: str) -> Triage:
    async with application.uow() as uow:
        return (await uow.triages.latest([case_id]))[case_id]


async def cases_of(application: Application, tasks: list[str]) -> list[str]:
    views = [await application.queries.task(task) for task in tasks]
    return [str(view.draft.case_id) for view in views if view]


async def test_a_rehearsal_lists_every_flip_and_touches_nothing(
    application: Application, seed: Seed
) -> None:
    refund, crash, *_ = await cases_of(application, await seed("我要退款", "又闪退了", "谢谢"))
    before = await newest(application, refund)
    _, report = await rehearsed(application)
    assert report.status is ReportStatus.DONE
    assert report.summary is not None
    assert (report.summary.cases, report.summary.rules) == (3, {"refunds": 1, "default": 2})
    flips = (await application.queries.flips(report.id)).items
    assert {flip.case_id for flip in flips} >= {refund, crash}
    flip = next(one for one in flips if one.case_id == refund)
    assert (flip.before.department, flip.after.department) == ("support", "legal")
    assert flip.after.rule == "refunds"
    assert await newest(application, refund) == before
    departments = {move.name: move for move in report.summary.departments}
    assert departments["legal"].gained == 1
    again = await rehearsed(application)
    assert again[1].hash != report.hash or again[1].subject == report.subject


async def test_only_a_seen_and_fresh_rehearsal_activates(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    await seed("我要退款")
    version, report = await rehearsed(application)
    assert report.hash
    flow = application.routing
    with pytest.raises(Conflict, match="Rehearse"):
        await flow.activate("acme", version, "0" * 64, by="ann")
    with pytest.raises(NotFound):
        await flow.activate("acme", 9, report.hash, by="ann")
    other, _ = await rehearsed(application, RULES.model_copy(update={"default_queue": None}))
    with pytest.raises(Conflict, match="another version"):
        await flow.activate("acme", other, report.hash, by="ann")
    clock.move(timedelta(days=2))
    with pytest.raises(Conflict, match="older"):
        await flow.activate("acme", version, report.hash, by="ann")
    clock.move(timedelta(days=-2))
    first = await flow.activate("acme", version, report.hash, by="ann")
    assert await flow.activate("acme", version, report.hash, by="ann") == first


async def test_active_rules_route_new_cases(application: Application, seed: Seed) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        known = community.model_copy(update={"partners": frozenset({"kol"})})
        await uow.communities.save(known)
        await uow.commit()
    await activate(application)
    tasks = await seed("我要退款", "又闪退了", "谢谢", item(7, "谢谢呀", author="kol"))
    refund, crash, thanks, kol = await cases_of(application, tasks)
    routes = [(await newest(application, one)).judgement.route for one in (refund, crash, kol)]
    assert [route.rule for route in routes] == ["refunds", "default", "partners"]
    assert [route.department.value for route in routes] == ["legal", "operations", "partners"]
    queue = (await application.queries.queue("acme")).items
    assert [row.case_id for row in queue][-2:] == [kol, thanks]


async def test_a_person_outranks_the_rules(application: Application, seed: Seed) -> None:
    await activate(application)
    (case_id,) = await cases_of(application, await seed("我要退款"))
    support = Change(department=Department.SUPPORT)
    done = await application.overrides.override(case_id, support, by="ann")
    assert done.triage.judgement.route.department is Department.SUPPORT
    other = Change(categories=("bug_report",))
    done = await application.overrides.override(case_id, other, by="ann")
    assert done.triage.judgement.route.rule == "default", "rules read the corrected category"
    assert done.triage.judgement.route.department is Department.SUPPORT
    _, report = await rehearsed(application)
    flips = (await application.queries.flips(report.id)).items
    assert all(flip.after.department == "support" for flip in flips)


async def test_versions_are_never_changed(application: Application) -> None:
    first = await application.routing.put("acme", RULES, by="ann")
    assert await application.routing.put("acme", RULES, by="li") == first
    fewer = RULES.model_copy(update={"rules": RULES.rules[:1]})
    assert (await application.routing.put("acme", fewer, by="ann")).version == 2
    async with application.uow() as uow:
        assert [one.version for one in await uow.routing.all("acme")] == [2, 1]
        assert await uow.routing.version("acme", 1) == first
        assert await uow.routing.active("acme") is None
    wrong = RoutingRules(
        rules=(Rule(id="a", when=When(categories=("nonsense",)), then=RULES.rules[0].then),)
    )
    with pytest.raises(InvalidInput):
        await application.routing.put("acme", wrong, by="ann")
    with pytest.raises(NotFound):
        await application.routing.put("nowhere", RULES, by="ann")


async def test_a_rehearsal_runs_as_a_job_and_only_once(
    application: Application, seed: Seed
) -> None:
    await seed("我要退款", "又闪退了")
    given = await application.routing.put("acme", RULES, by="ann")
    subject = RehearsalSubject(days=30, set_id=given.id)
    report = await application.rehearse.request("acme", subject, by="ann")
    assert report.status is ReportStatus.QUEUED
    handler = application.handlers()[Job.REHEARSE]
    await handler({"report_id": report.id})
    await handler({"report_id": report.id})
    flips = (await application.queries.flips(report.id)).items
    assert [flip.number for flip in flips] == [1, 2]
    with pytest.raises(NotFound):
        await application.rehearse.run("rep_none")
    with pytest.raises(NotFound):
        await application.rehearse.request("acme", RehearsalSubject(set_id="rts_none"), by="ann")
