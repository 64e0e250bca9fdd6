"""Drafts, review, delivery, and the pages that show them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service.db.queries import case_list
from service.domain.delivery import DeliveryAttempt, OutboxStatus
from service.domain.draft import DraftKind
from service.domain.post import PostBrief, PostRequest
from service.domain.review import TaskStatus
from service.domain.text import Redacted
from service.errors import Conflict, InvalidInput
from service.ports.queries import CaseFilter, Queries
from service.ports.store import UnitOfWork, UowFactory
from tests.plugins import _facts as facts


@pytest.fixture(autouse=True)
async def _community(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.communities.save(facts.community())
        await uow.commit()


async def _draft(uow: UnitOfWork, number: int = 1, **task: Any) -> None:
    """A case with a message, its triage, draft and open task, all numbered alike."""
    case_id = f"case_{number}"
    await uow.cases.save([facts.case(case_id, author=f"a{number}", last_at=facts.at(number))])
    await uow.messages.add([facts.message(f"m{number}", case_id=case_id)])
    await uow.triages.add([facts.triage(f"t{number}", case_id, text=f"文本{number}")])
    context = facts.context(f"ctx_{number}", case_id=case_id)
    draft = facts.draft(f"dr_{number}", context_id=context.id, case_id=case_id)
    await uow.drafts.add(context, draft, facts.revision())
    given = {"draft_id": draft.id, "case_id": case_id, **task}
    await uow.reviews.add_task(facts.task(f"task_{number}", **given))


async def test_a_draft_comes_back_with_all_that_the_model_saw(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await _draft(uow)
        await uow.drafts.add_revision("dr_1", facts.revision(2, "改过"))
        context = facts.context("ctx_1")
        assert await uow.drafts.context("ctx_1") == context
        assert await uow.drafts.get("dr_1") == facts.draft()
        assert await uow.drafts.latest_for_case("case_1") == (facts.draft(), context)
        assert [r.number for r in await uow.drafts.revisions("dr_1")] == [1, 2]
        assert await uow.drafts.latest_for_case("none") is None


async def test_cases_are_due_until_their_newest_messages_are_drafted(
    uow_factory: UowFactory,
) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case("mild"), facts.case("grave"), facts.case("thanks")])
        await uow.triages.add(
            [
                facts.triage("t1", "mild", severity=1),
                facts.triage("t2", "grave", severity=4),
                facts.triage("t3", "thanks", reply_due=False),
            ]
        )
        assert await uow.drafts.cases_due(10, since=facts.NOW) == (("grave", 1), ("mild", 1))
        context = facts.context(case_id="grave")
        draft = facts.draft(case_id="grave")
        await uow.drafts.add(context, draft, facts.revision())
        assert await uow.drafts.cases_due(10, since=facts.NOW) == (("mild", 1),)
        await uow.cases.save([facts.case("grave", size=2)])
        await uow.triages.add([facts.triage("t4", "grave", case_size=2, severity=4)])
        assert await uow.drafts.cases_due(10, since=facts.NOW) == (("grave", 2), ("mild", 1))
        await uow.reviews.add_task(facts.task(case_id="grave"))
        await uow.reviews.add_decision(facts.decision())
        assert await uow.drafts.cases_due(10, since=facts.NOW) == (("grave", 2), ("mild", 1))
        assert await uow.drafts.cases_due(10, since=facts.at(1)) == ()


async def test_only_one_decision_is_in_force(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await _draft(uow)
        await uow.reviews.add_decision(facts.decision())
        await uow.reviews.undo("dec_1", facts.at(1))
        assert await uow.reviews.decision_of("task_1") is None
        await uow.reviews.add_decision(facts.decision("dec_2"))
        assert await uow.reviews.decision_of("task_1") == facts.decision("dec_2")
        await uow.commit()
    with pytest.raises(Conflict):
        async with uow_factory() as uow:
            await uow.reviews.add_decision(facts.decision("dec_3"))


async def test_an_entry_needs_a_decision(uow_factory: UowFactory) -> None:
    with pytest.raises(Conflict):
        async with uow_factory() as uow:
            await uow.outbox.add(facts.entry())


async def test_a_locked_task_makes_the_second_reviewer_wait(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await _draft(uow)
        await uow.commit()

    async def claim(reviewer: str) -> str | None:
        async with uow_factory() as uow:
            task = await uow.reviews.get("task_1", lock=True)
            assert task is not None
            seen = task.claimed_by
            await asyncio.sleep(0.05)
            if seen is None:
                await uow.reviews.save(task.claim(reviewer, facts.NOW))
                await uow.commit()
            return seen

    seen = await asyncio.gather(*(claim(f"r{i}") for i in range(3)))
    assert sum(one is None for one in seen) == 1


async def test_superseding_closes_only_an_undecided_task(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await _draft(uow, 1)
        await _draft(uow, 2, status=TaskStatus.DECIDED)
        for number in (1, 2):
            await uow.reviews.supersede(f"dr_{number}")
        first, second = await uow.reviews.get("task_1"), await uow.reviews.get("task_2")
    assert first is not None
    assert second is not None
    assert (first.status, second.status) == (TaskStatus.SUPERSEDED, TaskStatus.DECIDED)


async def test_reach_counts_authors_through_chains(
    uow_factory: UowFactory, queries: Queries
) -> None:
    async with uow_factory() as uow:
        await _draft(uow)
        cases = [facts.case(f"d{i}", author=f"b{i // 2}") for i in range(4)]
        await uow.cases.save(cases)
        earlier = ["case_1", "d0", "d1", "d2"]
        await uow.triages.add(
            [
                facts.triage(f"td{i}", f"d{i}", duplicate_of=of)
                for i, of in reversed(list(enumerate(earlier)))
            ]
        )
        assert [await uow.reviews.reach(c) for c in ("case_1", "d3", "none")] == [3, 3, 0]
        await uow.commit()
    (row,) = (await queries.queue("acme")).items
    assert row.reach == 3


async def test_the_queue_pages_by_priority_without_gaps(
    uow_factory: UowFactory, queries: Queries
) -> None:
    async with uow_factory() as uow:
        for number in range(1, 8):
            await _draft(uow, number, priority=float(number // 2))
        await _draft(uow, 8, status=TaskStatus.DECIDED, priority=99)
        await uow.commit()
    seen: list[str] = []
    cursor = None
    while True:
        page = await queries.queue("acme", cursor=cursor, limit=2)
        seen += [row.task_id for row in page.items]
        if (cursor := page.cursor) is None:
            break
    assert seen == [f"task_{n}" for n in (6, 7, 4, 5, 2, 3, 1)]
    decided = await queries.queue("acme", status="decided")
    assert [row.task_id for row in decided.items] == ["task_8"]
    assert (await queries.queue("other")).items == ()


async def test_a_queue_row_shows_redacted_text_only(
    uow_factory: UowFactory, queries: Queries
) -> None:
    async with uow_factory() as uow:
        await _draft(uow)
        await uow.commit()
    (row,) = (await queries.queue("acme", kind="reply")).items
    assert (row.excerpt, row.category, row.severity) == ("文本1", "bug", 2)
    assert (row.origin, row.refusal, row.blocking, row.channel) == ("template", None, 1, "main")
    assert (row.reach, row.due_at, row.waiting_since) == (1, facts.at(60), facts.at(1))


async def _post(uow: UnitOfWork) -> PostRequest:
    brief = PostBrief(title="停机公告", points=("周五停机",), channel="news")
    request = PostRequest(id="post_1", community="acme", brief=brief, requested_by="ed",
                          created_at=facts.NOW)  # fmt: skip
    await uow.posts.add(request)
    return request


async def test_a_post_waits_for_its_draft_and_shows_in_the_queue(
    uow_factory: UowFactory, queries: Queries
) -> None:
    whose: dict[str, Any] = {"kind": DraftKind.POST, "case_id": None, "post_request_id": "post_1"}
    async with uow_factory() as uow:
        request = await _post(uow)
        assert await uow.posts.get("post_1") == request
        assert await uow.posts.pending(5) == ("post_1",)
        points = Redacted(text="周五停机")
        context = facts.context(**whose, category=None, case_size=0, member_text=points)
        await uow.drafts.add(context, facts.draft(**whose), facts.revision())
        await uow.reviews.add_task(facts.task(kind=DraftKind.POST, case_id=None))
        assert await uow.posts.pending(5) == ()
        assert (await uow.drafts.for_post("post_1")) == (facts.draft(**whose),)
        await uow.commit()
    (row,) = (await queries.queue("acme", kind="post")).items
    assert (row.excerpt, row.channel, row.case_id, row.reach) == ("周五停机", "news", None, 0)
    assert (await queries.posts("acme")).items == (request,)
    assert await queries.tasks_of_post("post_1") == {"dr_1": "task_1"}
    view = await queries.task("task_1")
    assert view is not None
    assert (view.post, view.case, view.triage) == (request, None, None)


async def test_the_task_view_holds_everything(uow_factory: UowFactory, queries: Queries) -> None:
    async with uow_factory() as uow:
        await _draft(uow)
        await uow.reviews.add_decision(facts.decision())
        await uow.outbox.add(facts.entry())
        await uow.commit()
    view = await queries.task("task_1")
    assert view is not None
    assert view.case is not None
    assert view.triage is not None
    assert view.case.text == "同步又失败了"
    assert (view.decision, view.entry) == (facts.decision(), facts.entry())
    assert await queries.task_of_case("case_1") == "task_1"
    assert await queries.task("none") is None
    assert await queries.task_of_case("none") is None


async def test_deliveries_with_their_log(uow_factory: UowFactory, queries: Queries) -> None:
    tried = DeliveryAttempt(id="a1", entry_id="out_1", number=1, ok=False, status_code=503,
                            error="unavailable", latency_ms=12, at=facts.NOW)  # fmt: skip
    async with uow_factory() as uow:
        await _draft(uow)
        await uow.reviews.add_decision(facts.decision())
        await uow.outbox.add(facts.entry())
        await uow.outbox.add_attempt(tried)
        assert await uow.outbox.due(facts.at(0), 5) == ("out_1",)
        assert await uow.outbox.due(facts.at(-1), 5) == ()
        assert await uow.outbox.for_decision("dec_1", lock=True) == facts.entry()
        dead = facts.entry(status=OutboxStatus.DEAD, attempts=8)
        await uow.outbox.save(dead)
        assert await uow.outbox.due(facts.at(1), 5) == ()
        await uow.commit()
    (view,) = (await queries.deliveries("acme", status="dead")).items
    assert (view.entry, view.attempts) == (dead, (tried,))
    assert (await queries.deliveries("acme", status="pending")).items == ()
    assert (await queries.counts("acme")).outbox_dead == 1


async def test_status_follows_the_facts(uow_factory: UowFactory, queries: Queries) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case("raw"), facts.case("judged")])
        await uow.triages.add([facts.triage("tj", "judged", reply_due=False)])
        for number in (1, 2, 3):
            await _draft(uow, number)
        for number in (2, 3):
            done = facts.task(f"task_{number}", draft_id=f"dr_{number}",
                              case_id=f"case_{number}", status=TaskStatus.DECIDED)  # fmt: skip
            await uow.reviews.save(done)
            ids = {"task_id": f"task_{number}", "draft_id": f"dr_{number}"}
            await uow.reviews.add_decision(facts.decision(f"dec_{number}", **ids))
        await uow.outbox.add(facts.entry(decision_id="dec_3", status=OutboxStatus.DELIVERED))
        await uow.commit()
    wanted = {
        "untriaged": "raw",
        "triaged": "judged",
        "in_review": "case_1",
        "decided": "case_2",
        "delivered": "case_3",
    }
    shown = (await queries.cases("acme", CaseFilter())).items
    assert {row.status: row.case_id for row in shown} == wanted
    for status, case_id in wanted.items():
        page = await queries.cases("acme", CaseFilter(status=status))
        assert [row.case_id for row in page.items] == [case_id]
    with pytest.raises(InvalidInput, match="status"):
        await queries.cases("acme", CaseFilter(status="lost"))


@pytest.mark.parametrize("window", [1, 5_000])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("退款", ["c2", "c1"]),
        ("退", ["c2", "c1"]),
        ("REFUND", ["c3"]),
        ("efun", ["c3"]),
        ("100%", ["c3"]),
        ("%", ["c3"]),
        ("_", []),
        ("款 3", []),
        ("ＡＰＰ退款", ["c2"]),
        ("退款\x00", []),
        ("；DROP", []),
    ],
)
async def test_search_finds_substrings_in_both_languages(
    uow_factory: UowFactory,
    queries: Queries,
    monkeypatch: pytest.MonkeyPatch,
    window: int,
    query: str,
    found: list[str],
) -> None:
    monkeypatch.setattr(case_list, "WINDOW", window)
    texts = {"c1": "我要退款，谢谢", "c2": "App退款失败了", "c3": "I want a Refund, 100% of it"}
    async with uow_factory() as uow:
        for minute, (case_id, said) in enumerate(texts.items()):
            await uow.cases.save([facts.case(case_id, last_at=facts.at(minute))])
            await uow.triages.add([facts.triage(f"t{case_id}", case_id, text=said)])
        await uow.commit()
    page = await queries.cases("acme", CaseFilter(text=query))
    assert [row.case_id for row in page.items] == found


async def test_search_combines_filters_and_pages(uow_factory: UowFactory, queries: Queries) -> None:
    async with uow_factory() as uow:
        for number in range(6):
            case_id = f"c{number}"
            await uow.cases.save([facts.case(case_id, last_at=facts.at(number // 2))])
            category = "bug" if number % 2 else "praise"
            judged = facts.triage(f"t{number}", case_id, category=category, severity=number)
            await uow.triages.add([judged])
        await uow.commit()

    async def ids(**where: Any) -> list[str]:
        page = await queries.cases("acme", CaseFilter(**where))
        return [row.case_id for row in page.items]

    assert await ids(category="bug") == ["c5", "c3", "c1"]
    assert await ids(category="bug", min_severity=3, text="同步") == ["c5", "c3"]
    assert await ids(since=facts.at(1), until=facts.at(2)) == ["c3", "c2"]
    assert await ids(department="legal") == []
    first = await queries.cases("acme", CaseFilter(), limit=4)
    rest = await queries.cases("acme", CaseFilter(), limit=4, cursor=first.cursor)
    assert [row.case_id for row in first.items + rest.items] == [f"c{n}" for n in range(5, -1, -1)]
    assert rest.cursor is None


async def test_tallies_follow_deletions(engine: AsyncEngine, queries: Queries,
                                        uow_factory: UowFactory) -> None:  # fmt: skip
    async with uow_factory() as uow:
        await _draft(uow, 1)
        await uow.cases.save([facts.case("gone")])
        await uow.messages.add([facts.message("mg", case_id="gone")])
        await uow.commit()
    assert (await queries.counts()).messages == 2
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM messages WHERE id = 'mg'"))
        await connection.execute(text("DELETE FROM case_states WHERE case_id = 'gone'"))
        await connection.execute(text("DELETE FROM cases WHERE id = 'gone'"))
    counted = await queries.counts("acme")
    assert (counted.messages, counted.cases, counted.open_tasks) == (1, 1, 1)
