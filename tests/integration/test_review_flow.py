"""From a message to a decision: drafts, claims, decisions, undo, the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.bootstrap import Application
from service.domain.delivery import OutboxStatus
from service.domain.review import RejectReason, TaskStatus, Verdict
from service.domain.views import TaskView
from service.errors import (
    AlreadyClaimed,
    Conflict,
    IllegalTransition,
    InvalidInput,
    MovedOn,
    StaleRevision,
)
from service.flows.draft import DraftFlow
from service.flows.review import Ruling
from service.flows.rules import Upload

RULES = """---
slug: refunds
title: 退款规则
kind: rules
lang: zh
version: 1
---
## 1 退款

**1.1** 会员购买后 7 天内可以申请全额退款，在“我的订单”里提交，3 个工作日内到账。

**1.2** 超过 7 天的订单按剩余天数折算退款。
"""


@pytest.fixture
async def task(application: Application) -> TaskView:
    """A drafted reply to a refund question."""
    given = Upload(filename="refunds.md", data=RULES.encode())
    await application.rules.upload("acme", given, by="test")
    return await drafted(application, "m1")


async def drafted(application: Application, external_id: str) -> TaskView:
    item = {
        "source": "qq",
        "external_id": external_id,
        "author": "ann",
        "text": "会员买了三天想申请全额退款，在哪里提交？",
    }
    (result,) = await application.ingest.ingest("acme", [item])
    case_id = result.case_id or ""
    await application.triage.run("acme", [case_id])
    await application.draft.redraft(case_id)
    task_id = await application.queries.task_of_case(case_id)
    view = await application.queries.task(task_id or "")
    assert view is not None
    return view


def ruling(view: TaskView, verdict: Verdict, **more: Any) -> Ruling:
    return Ruling(verdict=verdict, revision_hash=view.revisions[-1].hash, acknowledge=True, **more)


async def entry_of(application: Application, view: TaskView) -> Any:
    again = await application.queries.task(view.task.id)
    assert again is not None
    return again.entry


async def test_an_approval_puts_the_text_into_the_outbox(
    application: Application, task: TaskView
) -> None:
    text = task.revisions[-1].text or "请在“我的订单”里提交。"
    decision = await application.review.decide(
        task.task.id, "ann", ruling(task, Verdict.APPROVE_EDITED, text=text + "谢谢")
    )
    entry = await entry_of(application, task)
    assert entry.decision_id == decision.id
    assert entry.status is OutboxStatus.PENDING
    assert entry.payload["text"] == text + "谢谢"
    assert entry.payload["reply_to"] == "m1"


async def test_nothing_leaves_without_an_approval(application: Application, task: TaskView) -> None:
    await application.review.claim(task.task.id, "ann")
    await application.review.edit(
        task.task.id, "ann", text="改过的", base_hash=task.revisions[-1].hash
    )
    assert await entry_of(application, task) is None
    await application.review.decide(
        task.task.id,
        "ann",
        Ruling(
            verdict=Verdict.REJECT,
            revision_hash=(await revision(application, task)).hash,
            reason=RejectReason.WRONG,
        ),
    )
    assert await entry_of(application, task) is None


async def revision(application: Application, task: TaskView) -> Any:
    again = await application.queries.task(task.task.id)
    assert again is not None
    return again.revisions[-1]


async def test_a_holding_text_leaves_only_on_purpose(
    application: Application,
) -> None:
    view = await drafted(application, "m1")  # no rules: a refusal with a holding text
    assert view.draft.composition.refusal is not None
    approve = ruling(view, Verdict.APPROVE)
    with pytest.raises(Conflict) as refused:
        await application.review.decide(view.task.id, "ann", approve._replace(acknowledge=False))
    assert "refused" in str(refused.value.details["findings"])
    await application.review.decide(view.task.id, "ann", approve)
    assert (await entry_of(application, view)).payload["text"] == view.revisions[-1].text


async def test_a_rejection_needs_a_reason(application: Application, task: TaskView) -> None:
    with pytest.raises(InvalidInput):
        await application.review.decide(task.task.id, "ann", ruling(task, Verdict.REJECT))


async def test_a_decision_names_the_newest_revision(
    application: Application, task: TaskView
) -> None:
    seen = task.revisions[-1].hash
    await application.review.edit(task.task.id, "ann", text="新的文字", base_hash=seen)
    with pytest.raises(StaleRevision):
        await application.review.decide(task.task.id, "ann", ruling(task, Verdict.APPROVE))
    with pytest.raises(StaleRevision):
        await application.review.edit(task.task.id, "ann", text="又一版", base_hash=seen)


async def test_another_reviewers_claim_is_respected_until_it_expires(
    application: Application, task: TaskView, clock: Any
) -> None:
    await application.review.claim(task.task.id, "ann")
    with pytest.raises(AlreadyClaimed):
        await application.review.claim(task.task.id, "bob")
    clock.move(timedelta(minutes=16))
    assert (await application.review.claim(task.task.id, "bob")).claimed_by == "bob"


async def test_a_conversation_that_moved_on_is_a_conflict(
    application: Application, task: TaskView
) -> None:
    more = {"source": "qq", "external_id": "m2", "author": "ann", "text": "不用了，我找到了"}
    await application.ingest.ingest("acme", [more])
    with pytest.raises(MovedOn):
        await application.review.decide(
            task.task.id, "ann", ruling(task, Verdict.APPROVE_EDITED, text="好的")
        )


async def test_a_decided_task_is_decided_once(application: Application, task: TaskView) -> None:
    reject = ruling(task, Verdict.REJECT, reason=RejectReason.TONE)
    await application.review.decide(task.task.id, "ann", reject)
    with pytest.raises(IllegalTransition):
        await application.review.decide(task.task.id, "ann", reject)


async def test_undo_takes_the_entry_back_and_reopens_the_task(
    application: Application, task: TaskView
) -> None:
    await application.review.decide(
        task.task.id, "ann", ruling(task, Verdict.APPROVE_EDITED, text="好的")
    )
    entry = await entry_of(application, task)
    reopened = await application.review.undo(task.task.id, "ann")
    assert reopened.status is TaskStatus.CLAIMED
    async with application.uow() as uow:
        cancelled = await uow.outbox.get(entry.id)
    assert cancelled is not None
    assert cancelled.status is OutboxStatus.CANCELLED
    assert await application.deliver.deliver(entry.id) is None


async def test_undo_ends_with_its_window(
    application: Application, task: TaskView, clock: Any
) -> None:
    await application.review.decide(
        task.task.id, "ann", ruling(task, Verdict.APPROVE_EDITED, text="好的")
    )
    clock.move(timedelta(seconds=31))
    with pytest.raises(Conflict):
        await application.review.undo(task.task.id, "ann")


async def test_only_the_one_who_decided_takes_it_back(
    application: Application, task: TaskView
) -> None:
    reject = ruling(task, Verdict.REJECT, reason=RejectReason.TONE)
    await application.review.decide(task.task.id, "ann", reject)
    with pytest.raises(Conflict):
        await application.review.undo(task.task.id, "bob")


async def test_an_escalation_opens_a_more_pressing_task(
    application: Application, task: TaskView
) -> None:
    await application.review.decide(
        task.task.id, "ann", ruling(task, Verdict.ESCALATE, note="needs legal")
    )
    page = await application.queries.queue("acme")
    assert [row.draft_id for row in page.items] == [task.draft.id]
    assert page.items[0].task_id != task.task.id
    assert page.items[0].priority > task.task.priority


async def test_a_redraft_supersedes(application: Application, task: TaskView) -> None:
    again = await application.draft.redraft(task.case.case.id if task.case else "")
    assert again.supersedes == task.draft.id
    page = await application.queries.queue("acme")
    assert [row.draft_id for row in page.items] == [again.id]


async def test_drafting_twice_for_the_same_messages_makes_one_draft(
    application: Application, task: TaskView
) -> None:
    assert await application.draft.draft_due(task.draft.case_id or "") is None


class _Meanwhile:
    """A drafter during whose writing something else happens."""

    def __init__(self, inner: Any, happen: Any) -> None:
        self._inner, self._happen = inner, happen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def compose(self, *args: Any, **more: Any) -> Any:
        await self._happen()
        return await self._inner.compose(*args, **more)


def _slow_drafting(application: Application, happen: Any) -> DraftFlow:
    return DraftFlow(
        uow=application.uow,
        rules=application.search,
        background=application.background,
        drafter=_Meanwhile(application.drafter, happen),
        redactor=application.redactor,
        chat=None,
        clock=application.clock,
        ids=application.ids,
    )


async def _write_more(application: Application) -> None:
    more = {"source": "qq", "external_id": "m2", "author": "ann", "text": "订单号是多少来着？"}
    (result,) = await application.ingest.ingest("acme", [more])
    await application.triage.run("acme", [result.case_id or ""])


async def test_a_draft_that_took_too_long_gives_way_to_the_newer_one(
    application: Application, task: TaskView
) -> None:
    case_id = task.draft.case_id or ""

    async def grow() -> None:
        await _write_more(application)
        assert await application.draft.draft_due(case_id) is not None

    with pytest.raises(Conflict):
        await _slow_drafting(application, grow).redraft(case_id)
    page = await application.queries.queue("acme")
    assert len(page.items) == 1
    again = await application.draft.redraft(case_id)
    assert again.supersedes == page.items[0].draft_id


async def test_what_is_approved_while_it_is_redrafted_is_answered_once(
    application: Application, task: TaskView
) -> None:
    case_id = task.draft.case_id or ""

    async def approve() -> None:
        await application.review.decide(task.task.id, "ann", ruling(task, Verdict.APPROVE))

    with pytest.raises(Conflict):
        await _slow_drafting(application, approve).redraft(case_id)
    assert (await application.queries.queue("acme")).items == ()
    with pytest.raises(Conflict):
        await application.draft.redraft(case_id)
    await application.review.undo(task.task.id, "ann")
    assert (await application.draft.redraft(case_id)).supersedes == task.draft.id


async def test_an_undone_decision_does_not_revive_a_superseded_draft(
    application: Application, task: TaskView
) -> None:
    reject = ruling(task, Verdict.REJECT, reason=RejectReason.TONE)
    await application.review.decide(task.task.id, "ann", reject)
    newer = await application.draft.redraft(task.draft.case_id or "")
    undone = await application.review.undo(task.task.id, "ann")
    assert undone.status is TaskStatus.SUPERSEDED
    page = await application.queries.queue("acme")
    assert [row.draft_id for row in page.items] == [newer.id]


async def test_what_a_member_adds_after_a_decision_is_drafted_again(
    application: Application, task: TaskView, clock: Any
) -> None:
    await application.review.decide(task.task.id, "ann", ruling(task, Verdict.APPROVE))
    clock.move(timedelta(minutes=1))
    await _write_more(application)
    assert await application.draft.sweep() == 1
    assert await application.draft.draft_due(task.draft.case_id or "") is not None


async def test_a_phone_number_in_the_edit_blocks_one_key_approval(
    application: Application, task: TaskView
) -> None:
    edited = "请拨打 13800138000 联系我们"
    with pytest.raises(Conflict, match="blocking"):
        await application.review.decide(
            task.task.id,
            "ann",
            ruling(task, Verdict.APPROVE_EDITED, text=edited)._replace(acknowledge=False),
        )
