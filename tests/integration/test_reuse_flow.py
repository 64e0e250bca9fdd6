"""An approved answer serves the same question again, and nothing of the other member with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from service.bootstrap import Application
from service.domain.draft import Origin
from service.domain.review import RejectReason, Verdict
from service.domain.views import TaskView
from service.flows.review import Ruling
from service.flows.rules import Upload
from tests.plugins.app import START
from tests.plugins.web import RULES, item

Ask = Callable[..., Awaitable[TaskView]]

QUESTION = "我要退款，会员上周买的，还没有用过"


@pytest.fixture
def ask(keyword_triage: Application, rules: None) -> Ask:
    """Asks one question after the other; each a member's own, drafted at once."""
    application, asked = keyword_triage, iter(range(1, 100))

    async def make(text: str = QUESTION, same_as: str | None = None) -> TaskView:
        number = next(asked)
        given = item(number, text, channel=f"c{number}", sent_at=START.isoformat())
        (result,) = await application.ingest.ingest("acme", [given])
        case_id = result.case_id or ""
        await application.triage.run("acme", [case_id])
        if same_as is not None:
            await application.duplicates.merge("acme", [same_as, case_id], "ann")
        await application.draft.draft_due(case_id)
        view = await application.queries.task(await application.queries.task_of_case(case_id) or "")
        assert view is not None
        return view

    return make


async def decide(application: Application, view: TaskView, ruling: Ruling) -> None:
    await application.review.decide(view.task.id, "ann", ruling)


async def approve(application: Application, view: TaskView, text: str) -> None:
    newest = view.revisions[-1].hash
    ruling = Ruling(Verdict.APPROVE_EDITED, newest, text=text, acknowledge=True)
    await decide(application, view, ruling)


ANSWER = "你好，会员购买后七天内可以申请退款，请在“我的订单”里提交。"


async def test_the_same_question_gets_the_approved_answer(
    application: Application, ask: Ask
) -> None:
    first = await ask()
    await approve(application, first, ANSWER)
    second = await ask()
    composed = second.draft.composition
    assert (composed.text, composed.origin) == (ANSWER, Origin.REUSED)
    assert composed.reused_from == first.task.id
    assert composed.citations == first.draft.composition.citations
    assert second.task.status == "open", "a person still decides"
    again = await application.draft.redraft(second.draft.case_id or "", instruction="再短一点")
    assert again.composition.origin is not Origin.REUSED


async def test_what_was_not_approved_is_not_reused(application: Application, ask: Ask) -> None:
    first = await ask()
    no = Ruling(Verdict.REJECT, first.revisions[-1].hash, reason=RejectReason.WRONG)
    await decide(application, first, no)
    assert (await ask()).draft.composition.origin is Origin.TEMPLATE


async def test_a_decision_taken_back_is_not_reused(application: Application, ask: Ask) -> None:
    first = await ask()
    await approve(application, first, ANSWER)
    await application.review.undo(first.task.id, "ann")
    assert (await ask()).draft.composition.origin is Origin.TEMPLATE


async def test_a_changed_clause_ends_it(application: Application, ask: Ask) -> None:
    first = await ask()
    await approve(application, first, ANSWER)
    other = RULES.replace("version: 1", "version: 2").replace("七天", "三天")
    await application.rules.upload("acme", Upload(filename="m.md", data=other.encode()), by="t")
    assert (await ask()).draft.composition.origin is Origin.TEMPLATE


@pytest.mark.parametrize("carried", ["你的订单 88231 已登记。", "我们会打 [PHONE_1] 找你。"])
async def test_nothing_of_the_other_member_is_carried_over(
    application: Application, ask: Ask, carried: str
) -> None:
    first = await ask("我要退款，订单 88231，电话 13812345678")
    await approve(application, first, carried + ANSWER)
    case_id = first.draft.case_id or ""
    second = await ask("我要退款，订单 90417", same_as=case_id)
    assert second.draft.composition.origin is Origin.TEMPLATE


async def test_another_question_is_answered_anew(application: Application, ask: Ask) -> None:
    await approve(application, await ask(), ANSWER)
    other = await ask("我不要退款，会员上周买的，还没有用过")
    assert other.draft.composition.origin is Origin.TEMPLATE


async def test_what_a_person_must_see_is_never_reused(application: Application, ask: Ask) -> None:
    first = await ask("我想死")
    await approve(application, first, "我们看到了，马上有人联系你。")
    second = await ask("我想死")
    assert second.draft.composition.refusal is not None
