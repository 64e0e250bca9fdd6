"""Approved answers grow into an FAQ that later replies can cite."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from service.bootstrap import Application
from service.domain.base import Lang
from service.domain.knowledge import Suggestion, SuggestionReason, SuggestionStatus, Unfit
from service.domain.review import Verdict
from service.errors import Conflict, IllegalTransition, InvalidInput
from service.flows.knowledge_desk import Wording
from service.flows.review import Ruling
from service.flows.rules import Upload
from service.flows.search import SearchFlow
from service.ports.jobs import Job
from tests.plugins.app import START, FrozenClock
from tests.plugins.web import item

QUESTION = "怎么导出全部笔记"
ANSWER = "打开“设置”，点“导出备份”，会得到一个压缩包，里面是全部笔记。"

Approve = Callable[..., Awaitable[str]]


@pytest.fixture
def approve(keyword_triage: Application) -> Approve:
    """A member asks and gets an edited answer; gives the case."""
    application, asked = keyword_triage, iter(range(1, 100))

    async def make(text: str = QUESTION, answer: str = ANSWER, **more: object) -> str:
        number = next(asked)
        given = item(number, text, channel=f"c{number}", sent_at=START.isoformat(), **more)
        (result,) = await application.ingest.ingest("acme", [given])
        case_id = result.case_id or ""
        await application.triage.run("acme", [case_id])
        await application.draft.draft_due(case_id)
        view = await application.queries.task(await application.queries.task_of_case(case_id) or "")
        assert view is not None
        newest = view.revisions[-1].hash
        ruling = Ruling(Verdict.APPROVE_EDITED, newest, text=answer, acknowledge=True)
        await application.review.decide(view.task.id, "ann", ruling)
        return case_id

    return make


async def suggested(application: Application, case_id: str) -> Suggestion:
    found = await application.knowledge.consider(case_id)
    assert isinstance(found, Suggestion), found
    return found


async def test_an_accepted_entry_is_found_by_search(
    application: Application, approve: Approve
) -> None:
    first = await approve()
    alone = await suggested(application, first)
    assert alone.reason is SuggestionReason.CORRECTED, "no rule fitted"
    both = await suggested(application, await approve(answer=ANSWER + "图片也在里面。"))
    assert (both.id, both.people) == (alone.id, 2), "it follows the newest answers"
    assert both.reason is SuggestionReason.ASKED_AGAIN
    assert first in both.case_ids
    entry = await application.knowledge_desk.accept(both.id, Wording(), by="ed")
    assert entry.clause_id == "faq-grown-zh#Q1"
    document, (clause,) = await application.rules.get("acme", "faq-grown-zh")
    assert (clause.id, clause.text) == (entry.clause_id, ANSWER + "图片也在里面。")
    assert (document.kind, document.lang, document.created_by) == ("faq", "zh", "ed")
    search = SearchFlow(
        uow=application.uow,
        embedder=application.embedder,
        vectors=application.vectors,
        config=application.settings.retriever,
    )
    found = await search.search("acme", QUESTION)
    assert found.passages[0].clause.id == entry.clause_id
    again = await application.knowledge_desk.accept(both.id, Wording(), by="ed")
    assert again == entry
    assert (await application.rules.get("acme", "faq-grown-zh"))[0].version == 1
    assert await application.knowledge.consider(await approve()) is None, "it is an entry already"


async def test_a_rejected_matter_never_returns(application: Application, approve: Approve) -> None:
    found = await suggested(application, await approve())
    with pytest.raises(InvalidInput):
        await application.knowledge_desk.reject(found.id, by="ed", reason=" ")
    await application.knowledge_desk.reject(found.id, by="ed", reason="只对旧版有效")
    assert await application.knowledge.consider(await approve(answer=ANSWER * 2)) is None
    with pytest.raises(IllegalTransition):
        await application.knowledge_desk.accept(found.id, Wording(), by="ed")


async def test_what_is_put_off_comes_back(
    application: Application, approve: Approve, clock: FrozenClock
) -> None:
    found = await suggested(application, await approve())
    await application.knowledge_desk.postpone(found.id, by="ed", days=30)
    assert await waiting(application) == []
    clock.move(timedelta(days=31))
    assert await waiting(application) == [found.id]
    entry = await application.knowledge_desk.accept(found.id, Wording(), by="ed")
    assert entry.postponed_until is None


async def waiting(application: Application) -> list[str]:
    page = await application.queries.suggestions(
        "acme", status=SuggestionStatus.PROPOSED, now=application.clock.now()
    )
    return [one.id for one in page.items]


async def test_an_editor_words_it_in_another_language(
    application: Application, approve: Approve
) -> None:
    found = await suggested(application, await approve())
    hostile = "# Q9 Export\n<h2>Q8</h2> $name {{x}} ../../x"
    wording = Wording("How do I\nexport my notes?", hostile, Lang.EN)
    entry = await application.knowledge_desk.accept(found.id, wording, by="ed")
    _, (clause,) = await application.rules.get("acme", "faq-grown-en")
    assert (clause.id, clause.text) == ("faq-grown-en#Q1", hostile)
    assert clause.headings[-1] == "Q1 How do I export my notes?"
    assert entry.question == "How do I export my notes?"
    assert await application.knowledge.consider(await approve()) is None, "in any language"


@pytest.mark.parametrize("answer", ["请打 13812345678", " ", "长" * 2001])
async def test_an_edit_is_checked(application: Application, approve: Approve, answer: str) -> None:
    found = await suggested(application, await approve())
    with pytest.raises(InvalidInput):
        await application.knowledge_desk.accept(found.id, Wording(answer=answer), by="ed")


async def test_entries_keep_their_ids(application: Application, approve: Approve) -> None:
    desk = application.knowledge_desk
    first = await suggested(application, await approve())
    second = await suggested(
        application, await approve("回收站里的笔记保留多久", "一直到手动清空。")
    )
    third = await suggested(application, await approve("怎么换主题颜色", "在“外观”里选一种颜色。"))
    await asyncio.gather(*(desk.accept(one.id, Wording(), by="ed") for one in (first, second)))
    _, before = await application.rules.get("acme", "faq-grown-zh")
    assert {one.id for one in before} == {"faq-grown-zh#Q1", "faq-grown-zh#Q2"}
    gone = next(one.text for one in before if one.number == "Q1")
    leaving = next(one for one in (first, second) if one.answer == gone)
    await desk.retire(leaving.id, by="ed", reason="已过时")
    await desk.accept(third.id, Wording(), by="ed")
    _, after = await application.rules.get("acme", "faq-grown-zh")
    assert [one.number for one in after] == ["Q2", "Q3"]


async def test_the_last_entry_takes_the_document_with_it(
    application: Application, approve: Approve
) -> None:
    found = await suggested(application, await approve())
    await application.knowledge_desk.accept(found.id, Wording(), by="ed")
    await application.knowledge_desk.retire(found.id, by="ed", reason="已过时")
    documents = await application.queries.documents("acme")
    assert [one.slug for one in documents] == []


async def test_another_s_document_is_not_overwritten(
    application: Application, approve: Approve
) -> None:
    found = await suggested(application, await approve())
    theirs = Upload("faq-grown-zh.md", "# 我的\n\n## Q1 为什么？\n\n因为。".encode())
    await application.rules.upload("acme", theirs, by="t")
    with pytest.raises(Conflict):
        await application.knowledge_desk.accept(found.id, Wording(), by="ed")
    assert await waiting(application) == [found.id]


async def test_an_approval_taken_back_is_no_ground(
    application: Application, approve: Approve
) -> None:
    case_id = await approve()
    found = await suggested(application, case_id)
    await application.review.undo(found.sources[0].task_id, "ann")
    with pytest.raises(Conflict):
        await application.knowledge_desk.accept(found.id, Wording(), by="ed")
    assert await application.knowledge.consider(case_id) is None


async def test_a_message_taken_back_is_no_ground(
    application: Application, approve: Approve
) -> None:
    case_id = await approve()
    change = {"kind": "withdrawn", "source": "wechat", "external_id": "m1"}
    await application.changes.take("acme", [change])
    assert await application.knowledge.consider(case_id) is None


async def test_what_a_clause_says_already_is_not_suggested(
    application: Application, approve: Approve, rules: None
) -> None:
    text = "会员购买后七天内、使用不超过三次的，可以申请全额退款，三个工作日内原路退回。"
    await approve("我要退款，怎么操作", text)
    case_id = await approve("我要退款，怎么操作", text)
    assert await application.knowledge.consider(case_id) is None


async def test_the_community_s_own_people_do_not_count(
    application: Application, approve: Approve
) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        case_id = await approve(author="helper")
        await uow.communities.save(community.model_copy(update={"staff": frozenset({"helper"})}))
        await uow.commit()
    assert await application.knowledge.consider(case_id) is Unfit.ALONE


async def test_approving_leaves_the_job_and_the_jobs_do_it(
    application: Application, approve: Approve
) -> None:
    case_id = await approve()
    handlers = application.handlers()
    await handlers[Job.SUGGEST]({"case_id": case_id})
    await handlers[Job.SUGGEST]({"case_id": case_id})
    (found,) = await waiting(application)
    await application.knowledge_desk.accept(found, Wording(), by="ed")
    await application.rules.retire("acme", "faq-grown-zh", by="ed")
    await handlers[Job.PUBLISH]({"community": "acme", "lang": "zh", "by": "ed"})
    assert len((await application.rules.get("acme", "faq-grown-zh"))[1]) == 1
