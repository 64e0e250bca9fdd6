"""The model is asked after triage, never in its way, and never over a person's word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexes.memory import MemoryStore
from service.bootstrap import Application, Parts, open_application
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.llm import LLMCall, LLMStatus
from service.domain.override import Change
from service.domain.report import RehearsalSubject
from service.domain.routing import RoutingRules, Rule, Then, When
from service.domain.taxonomy import Department
from service.domain.triage import LabelSource
from service.errors import TransientProviderError
from service.flows.cascade import CascadeFlow
from service.llm.scripted import ScriptedChat
from service.ports.queries import CaseFilter
from service.settings import Settings
from tests.plugins.web import KeywordTriager

TEXT = "想问一下共享的那个本子别人为什么看不到"
GOOD: dict[str, object] = {"quote": "别人为什么看不到", "categories": ["bug_report"]}
COUNT = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'classify'"


class Asked(ScriptedChat):
    """Does something while the model is being asked."""

    meanwhile: Any = None

    async def complete(self, request: Any, *, on_delta: Any = None) -> Any:
        if self.meanwhile:
            await self.meanwhile()
        return await super().complete(request, on_delta=on_delta)


@pytest.fixture
def chat() -> Asked:
    return Asked([GOOD])


@pytest.fixture
async def asking(settings: Settings, clock: Any, chat: Asked) -> AsyncIterator[Application]:
    """An application with a model, whose heads abstain on what they do not know."""
    parts = Parts(clock=clock, embedder=HashingEmbedder(), vectors=MemoryStore(), chat=chat)
    async with open_application(settings, parts=parts) as opened:
        vars(opened).update(triager=KeywordTriager(), engines=None)
        await save(opened)
        yield opened


async def save(application: Application, **changes: Any) -> None:
    async with application.uow() as uow:
        name = Bilingual(zh="示例", en="Acme")
        await uow.communities.save(Community(id="acme", name=name, **changes))
        await uow.commit()


async def triaged(application: Application, text: str = TEXT, **more: Any) -> str:
    raw = {"source": "qq", "external_id": "m1", "author": "ann", "text": text} | more
    (result,) = await application.ingest.ingest("acme", [raw])
    await application.triage.run("acme", [result.case_id or ""])
    return result.case_id or ""


def flow(application: Application) -> CascadeFlow:
    assert application.cascade is not None
    return application.cascade


async def waiting(application: Application) -> int:
    async with application.engine.connect() as connection:
        return int((await connection.exec_driver_sql(COUNT)).scalar_one())


async def newest(application: Application, case_id: str) -> Any:
    async with application.uow() as uow:
        return (await uow.triages.latest([case_id]))[case_id]


async def test_the_case_is_triaged_at_once_and_labelled_later(
    asking: Application, clock: Any, chat: Asked
) -> None:
    case_id = await triaged(asking)
    assert (await newest(asking, case_id)).judgement.abstained
    assert await waiting(asking) == 1
    clock.move(timedelta(seconds=5))
    await flow(asking).label(case_id)
    triage = await newest(asking, case_id)
    (label,) = triage.judgement.labels
    assert (label.category, label.source, label.confidence) == (
        "bug_report",
        LabelSource.MODEL,
        None,
    )
    assert len(await asking.queries.triages_of(case_id)) == 2
    (row,) = (await asking.queries.cases("acme", CaseFilter())).items
    assert (row.category, row.confidence) == ("bug_report", None)
    assert await flow(asking).label(case_id) is None  # answered: not asked again
    chat.assert_used_up()


@pytest.mark.parametrize(
    ("text", "more"),
    [("一打开就闪退怎么办", {}), ("行吧", {}), (TEXT, {"sent_at": "2026-01-01T00:00:00Z"})],
)
async def test_what_is_sure_short_or_old_is_not_asked_about(
    asking: Application, text: str, more: dict[str, Any]
) -> None:
    await triaged(asking, text, **more)
    assert await waiting(asking) == 0


async def test_a_copy_is_not_asked_about_again(asking: Application) -> None:
    await triaged(asking)
    await triaged(asking, external_id="m2", author="bob")
    assert await waiting(asking) == 1


async def test_a_community_may_switch_it_off(asking: Application, chat: Asked) -> None:
    case_id = await triaged(asking)
    await save(asking, ask_model=False)
    assert await flow(asking).label(case_id) is None
    assert chat.requests == []


async def test_a_spent_budget_leaves_it_to_people(asking: Application, clock: Any) -> None:
    case_id = await triaged(asking)
    frugal = CascadeFlow(
        uow=asking.uow,
        labeller=asking.labeller,  # type: ignore[arg-type]
        chat=asking.chat,  # type: ignore[arg-type]
        per_day=1,
        clock=clock,
        ids=asking.ids,
    )
    async with asking.uow() as uow:
        await uow.llm_calls.add(
            LLMCall(
                id="llm_1", community="acme", feature="classify", model="m", cost=0,
                status=LLMStatus.OK, prompt_tokens=1, completion_tokens=1, latency_ms=1,
                error=None, at=clock.now(),
            )
        )  # fmt: skip
        await uow.commit()
    assert await frugal.label(case_id) is None
    clock.move(timedelta(days=1, seconds=1))
    assert await frugal.label(case_id) is not None


async def test_a_person_who_decides_meanwhile_is_not_overruled(
    asking: Application, chat: Asked, clock: Any
) -> None:
    case_id = await triaged(asking)

    async def decide() -> None:
        clock.move(timedelta(seconds=1))
        change = Change(categories=("usage_question",))
        await asking.overrides.override(case_id, change, by="ann")

    chat.meanwhile = decide
    assert await flow(asking).label(case_id) is None
    assert (await newest(asking, case_id)).judgement.primary == "usage_question"
    assert await flow(asking).label(case_id) is None
    assert len(chat.requests) == 1


async def test_routing_rules_in_force_decide_for_the_models_category_too(
    asking: Application, clock: Any
) -> None:
    fits = When(categories=("bug_report",))
    legal = Rule(id="bugs", when=fits, then=Then(department=Department.LEGAL, sla_hours=100))
    rules = RoutingRules(rules=(legal,), default_queue=Then(department=Department.OPERATIONS))
    case_id = await triaged(asking)
    given = await asking.routing.put("acme", rules, by="ann")
    subject = RehearsalSubject(days=30, set_id=given.id)
    asked = await asking.rehearse.request("acme", subject, by="ann")
    report = await asking.rehearse.run(asked.id)
    assert report.hash
    await asking.routing.activate("acme", given.version, report.hash, by="ann")
    before = (await newest(asking, case_id)).judgement.route
    clock.move(timedelta(seconds=5))
    await flow(asking).label(case_id)
    route = (await newest(asking, case_id)).judgement.route
    assert (route.department, route.rule) == (Department.LEGAL, "bugs")
    assert route.due_at <= before.due_at
    assert route.reply_due


async def test_a_member_who_writes_on_meanwhile_is_read_first(
    asking: Application, chat: Asked, clock: Any
) -> None:
    case_id = await triaged(asking)

    async def more() -> None:
        clock.move(timedelta(minutes=1))
        await triaged(asking, "现在一打开就闪退", external_id="m2")

    chat.meanwhile = more
    assert await flow(asking).label(case_id) is None
    assert (await newest(asking, case_id)).case_size == 2


async def test_an_absent_model_is_tried_later_and_the_case_stands(
    asking: Application, clock: Any
) -> None:
    case_id = await triaged(asking)
    away = ScriptedChat([TransientProviderError("away", reason="timeout")])
    assert asking.labeller is not None
    absent = CascadeFlow(
        uow=asking.uow, labeller=asking.labeller, chat=away, per_day=9, clock=clock, ids=asking.ids
    )
    with pytest.raises(TransientProviderError):
        await absent.label(case_id)
    assert len(await asking.queries.triages_of(case_id)) == 1


async def test_without_a_model_nothing_is_asked(application: Application) -> None:
    await triaged(application)
    assert application.cascade is None
    assert await waiting(application) == 0
