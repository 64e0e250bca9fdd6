"""Drafts that no longer fit are shown as such and do not leave."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.change import StaleReason
from service.domain.message import IngestResult
from service.domain.review import Verdict
from service.errors import Conflict, MovedOn
from service.flows.review import Ruling
from service.flows.rules import Upload
from tests.plugins.app import FrozenClock
from tests.plugins.web import RULES, KeyMaker, LogIn, Seed, item

EDIT = {"kind": "edited", "source": "wechat", "external_id": "m1", "text": "已经好了，谢谢"}


async def change(application: Application, **more: object) -> IngestResult:
    (result,) = await application.changes.take("acme", [EDIT | more])
    return result


async def approve(application: Application, task_id: str, *, acknowledge: bool = False) -> Verdict:
    view = await application.queries.task(task_id)
    assert view is not None
    ruling = Ruling(Verdict.APPROVE, view.revisions[-1].hash, acknowledge=acknowledge)
    return (await application.review.decide(task_id, "ann", ruling)).verdict


async def test_an_edited_message_is_judged_and_drafted_anew(
    application: Application, seed: Seed
) -> None:
    (task,) = await seed(item(1, "我要退款"))
    first = await change(application)
    assert (first.status, (await change(application)).status) == ("accepted", "duplicate")
    with pytest.raises(MovedOn) as refused:
        await approve(application, task)
    assert refused.value.details["reasons"] == ["moved_on"]
    await application.triage.run("acme", [first.case_id or ""])
    view = await application.queries.task(task)
    assert view is not None
    assert view.triage is not None
    assert view.case is not None
    assert view.triage.judgement.redacted.text == view.case.text == "已经好了，谢谢"
    assert view.triage.case_size == view.case.case.size == 2


async def test_the_newest_edit_counts(application: Application, seed: Seed) -> None:
    await seed(item(1, "我要退款"))
    late = {"text": "后来的", "at": "2026-04-01T06:00:00Z"}
    result = await change(application, **late)
    await change(application, text="先来的", at="2026-04-01T05:00:00Z")
    async with application.uow() as uow:
        texts = await uow.cases.texts([result.case_id or ""])
    assert texts[result.case_id or ""].text == "后来的"


async def test_what_was_taken_back_gets_no_answer(application: Application, seed: Seed) -> None:
    (task,) = await seed(item(1, "我要退款"))
    await change(application, kind="withdrawn", text=None)
    assert await application.review.stale(task) == (StaleReason.WITHDRAWN,)
    with pytest.raises(MovedOn, match="took the message back"):
        await approve(application, task, acknowledge=True)


async def test_who_left_may_be_answered_knowingly(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    (task,) = await seed(item(1, "谢谢"))
    gone = {"kind": "left", "external_id": None, "text": None, "author": "author1"}
    await change(application, **gone)
    assert await application.review.stale(task) == (StaleReason.LEFT,)
    with pytest.raises(Conflict) as refused:
        await approve(application, task)
    assert refused.value.details["findings"] == ["left"]
    clock.move(timedelta(minutes=1))
    back = item(2, "我又来了", author="author1", channel="other", sent_at=clock.now().isoformat())
    await application.ingest.ingest("acme", [back])
    assert await application.review.stale(task) == ()
    assert await approve(application, task) is Verdict.APPROVE


@pytest.mark.parametrize(
    ("place", "answers"),
    [
        ({"reply_to": "m1"}, True),
        ({"thread": "t"}, True),
        ({"thread": "other"}, False),
        ({}, False),
        ({"reply_to": "m1", "author": "bystander"}, False),
    ],
)
async def test_an_answer_by_staff_is_noticed(
    application: Application, seed: Seed, place: dict[str, str], answers: bool
) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        await uow.communities.save(community.model_copy(update={"staff": frozenset({"helper"})}))
        await uow.commit()
    (task,) = await seed(item(1, "谢谢", thread="t"))
    answer = item(2, "不客气", author="helper", sent_at="2026-04-01T04:30:00Z") | place
    await application.ingest.ingest("acme", [answer])
    assert (StaleReason.ANSWERED in await application.review.stale(task)) is answers
    if answers:
        with pytest.raises(Conflict):
            await approve(application, task)
    assert await approve(application, task, acknowledge=True) is Verdict.APPROVE


async def test_a_changed_clause_stops_its_drafts(
    application: Application, seed: Seed, rules: None
) -> None:
    (task,) = await seed(item(1, "我要退款"))
    assert await application.review.stale(task) == ()
    other = RULES.replace("version: 1", "version: 2").replace("七天", "三天")
    assert other != RULES
    await application.rules.upload("acme", Upload(filename="m.md", data=other.encode()), by="t")
    assert await application.review.stale(task) == (StaleReason.RULE_CHANGED,)
    with pytest.raises(MovedOn, match="clause"):
        await approve(application, task)


async def test_changes_come_in_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, log_in: LogIn, seed: Seed
) -> None:
    (task,) = await seed(item(1, "我要退款"))
    key = await bearer(Scope.MESSAGES_WRITE)
    given = [
        EDIT,
        EDIT | {"external_id": "none"},
        EDIT | {"text": " "},
        {"kind": "withdrawn", "source": "wechat"},
        {"kind": "left", "source": "wechat", "author": "author1"},
        7,
    ]
    body = {"community": "acme", "changes": given}
    answer = await web.post("/v1/messages/changes", json=body, headers=key)
    assert answer.status_code == 202
    assert [(one["status"], one["code"]) for one in answer.json()["results"]] == [
        ("accepted", None), ("rejected", "unknown_message"), ("rejected", "empty_text"),
        ("rejected", "bad_change"), ("accepted", None), ("rejected", "bad_change"),
    ]  # fmt: skip
    empty = await web.post("/v1/messages/changes", json=body | {"changes": []}, headers=key)
    assert empty.status_code == 422
    await log_in(Role.MODERATOR)
    page = (await web.get(f"/tasks/{task}")).text
    assert "wrote more or edited" in page
    assert "我要退款" not in page
