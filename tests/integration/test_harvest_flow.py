"""What people set, edit and refuse becomes test cases that the suite can load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from evals.datasets import FILES, load
from service.bootstrap import Application
from service.bootstrap.handlers import job_handlers
from service.domain.base import Lang
from service.domain.change import ChangeKind
from service.domain.draft import RefusalKind
from service.domain.override import Change
from service.domain.review import RejectReason, Verdict
from service.domain.sample import (
    DraftWanted,
    RetrievalWanted,
    Sample,
    SampleOrigin,
    SampleStatus,
    SampleTask,
    TriageWanted,
)
from service.domain.triage import Sentiment
from service.domain.views import TaskView
from service.errors import Conflict, DuplicateSample, IllegalTransition, InvalidInput, NotFound
from service.flows.review import Ruling
from service.flows.sample_desk import SampleEdit
from service.ports.jobs import Job
from tests.plugins.app import FrozenClock
from tests.plugins.web import Seed, item

ASKED = "我要退款，电话 13800001234"
CLAUSE = "membership#3.1"


@pytest.fixture
async def task(application: Application, rules: None, seed: Seed) -> TaskView:
    """A reply about a refund that waits for a reviewer."""
    (task_id,) = await seed(ASKED)
    return await view(application, task_id)


async def view(application: Application, task_id: str) -> TaskView:
    found = await application.queries.task(task_id)
    assert found is not None
    return found


Decide = Callable[..., Awaitable[None]]


@pytest.fixture
def decide(application: Application) -> Decide:
    async def make(task: TaskView, verdict: Verdict, **more: object) -> None:
        ruling = Ruling(verdict, task.revisions[-1].hash, acknowledge=True, **more)  # type: ignore[arg-type]
        await application.review.decide(task.task.id, "ann", ruling)

    return make


async def listed(application: Application, **where: object) -> tuple[Sample, ...]:
    return (await application.queries.samples("acme", **where)).items  # type: ignore[arg-type]


async def test_a_triage_sample_is_what_a_person_set(
    application: Application, task: TaskView
) -> None:
    case_id = task.task.case_id or ""
    change = Change(categories=("complaint", "billing_refund"), severity=3, sentiment="negative")
    await application.overrides.override(case_id, change, by="wen")
    sample = await application.harvest.from_case(case_id, by="ann")
    assert sample.wanted == TriageWanted(
        categories=("complaint", "billing_refund"), sentiment=Sentiment.NEGATIVE, min_severity=3
    )
    assert "13800001234" not in sample.text
    assert (sample.origin, sample.proposed_by) == (SampleOrigin.PERSON, "ann")
    assert await listed(application) == (sample,)


async def test_what_was_shown_counts_where_nobody_corrected_it(
    application: Application, task: TaskView, seed: Seed
) -> None:
    sample = await application.harvest.from_task(task.task.id, SampleTask.TRIAGE, by="ann")
    assert sample.wanted == TriageWanted(categories=("billing_refund",), min_severity=2)
    (silent,) = await seed(item(9, "这个颜色怎么换", channel="other"))
    sample = await application.harvest.from_task(silent, SampleTask.TRIAGE, by="ann")
    assert sample.wanted == TriageWanted(abstain=True, min_severity=1)


async def test_a_reply_sample_keeps_clauses_and_forbids_what_was_struck_out(
    application: Application, task: TaskView
) -> None:
    drafted = task.draft.composition
    assert drafted.citations, "the rule was found"
    kept = await application.harvest.from_task(task.task.id, SampleTask.DRAFT, by="ann")
    cited = tuple(one.clause_id for one in drafted.citations)
    assert kept.wanted == DraftWanted(cite=cited, reply_lang=Lang.ZH)
    promised = drafted.text + "\n另外我们会再送您三个月会员作为补偿。"
    written = drafted.model_copy(update={"text": promised})
    support = await application.drafter.support(task.context, written, None)
    async with application.uow() as uow:
        draft = task.draft.model_copy(update={"composition": written, "support": support})
        context = task.context.model_copy(update={"id": "ctx_x"})
        draft = draft.model_copy(update={"id": "drf_x", "context_id": "ctx_x"})
        first = task.revisions[0].model_copy(update={"text": promised})
        await uow.drafts.add(context, draft, first)
        await uow.reviews.add_task(
            task.task.model_copy(update={"id": "task_x", "draft_id": draft.id})
        )
        await uow.commit()
    cut = await application.harvest.from_task(
        "task_x", SampleTask.DRAFT, by="ann", text=drafted.text
    )
    assert cut.id == kept.id, "a waiting proposal of the case takes up what is newer"
    assert isinstance(cut.wanted, DraftWanted)
    assert cut.wanted.must_not_say == ("另外我们会再送您三个月会员作为补偿",)
    assert set(cut.wanted.cite) <= set(cited)


async def test_a_retrieval_sample_names_the_clause(
    application: Application, task: TaskView, seed: Seed
) -> None:
    sample = await application.harvest.from_task(task.task.id, SampleTask.RETRIEVAL, by="ann")
    assert isinstance(sample.wanted, RetrievalWanted)
    assert CLAUSE in sample.wanted.clauses
    (none,) = await seed(item(9, "夜间主题什么时候有", channel="other"))
    refused = (await view(application, none)).draft.composition.refusal
    assert refused is RefusalKind.NO_RULE, refused
    found = await application.harvest.from_task(none, SampleTask.RETRIEVAL, by="ann")
    assert found.wanted == RetrievalWanted(no_answer=True)


async def test_a_correction_is_suggested_and_never_over_a_person(
    application: Application, task: TaskView
) -> None:
    case_id, handler = task.task.case_id or "", job_handlers(application)[Job.HARVEST]
    await handler({"case_id": case_id})
    assert await listed(application) == (), "nobody corrected anything"
    await application.overrides.override(case_id, Change(categories=("complaint",)), by="wen")
    await handler({"case_id": case_id})
    await handler({"case_id": case_id})
    (found,) = await listed(application)
    assert (found.origin, found.proposed_by) == (SampleOrigin.OVERRIDE, "wen")
    assert found.wanted == TriageWanted(categories=("complaint",)), "only what was corrected"
    mine = await application.harvest.from_case(case_id, by="ann")
    assert (mine.id, mine.origin) == (found.id, SampleOrigin.PERSON)
    await handler({"case_id": case_id})
    assert await listed(application) == (mine,)
    await application.sample_desk.reject(mine.id, by="ed", reason="太笼统")
    await handler({"case_id": case_id})
    assert [one.status for one in await listed(application)] == [SampleStatus.REJECTED]


async def test_a_strong_edit_is_suggested_and_a_light_one_is_not(
    application: Application, task: TaskView, decide: Decide, seed: Seed
) -> None:
    await decide(task, Verdict.APPROVE_EDITED, text=task.revisions[-1].text + "！")
    assert await application.harvest.after_decision(task.task.id) is None
    (other,) = await seed(item(5, "会员退款要多久到账", channel="b"))
    second = await view(application, other)
    text = "会员购买后七天内、使用不超过三次的，可以申请全额退款。"
    await decide(second, Verdict.APPROVE_EDITED, text=text)
    found = await application.harvest.after_decision(other)
    assert found is not None
    assert (found.origin, found.task) == (SampleOrigin.EDITED, SampleTask.DRAFT)


async def test_a_decision_taken_back_suggests_nothing(
    application: Application, task: TaskView, decide: Decide, clock: FrozenClock
) -> None:
    await decide(task, Verdict.REJECT, reason=RejectReason.WRONG)
    await application.review.undo(task.task.id, "ann")
    clock.move(timedelta(minutes=5))
    await job_handlers(application)[Job.HARVEST]({"task_id": task.task.id})
    assert await listed(application) == ()


@pytest.mark.parametrize(
    ("reason", "suggested"),
    [(RejectReason.TONE, True), (RejectReason.NO_REPLY_NEEDED, False), (RejectReason.OTHER, False)],
)
async def test_a_rejection_counts_where_its_reason_is_in_the_text(
    application: Application,
    task: TaskView,
    decide: Decide,
    reason: RejectReason,
    suggested: bool,
) -> None:
    await decide(task, Verdict.REJECT, reason=reason)
    found = await application.harvest.after_decision(task.task.id)
    assert (found is not None) is suggested
    if found is not None:
        assert found.origin is SampleOrigin.REJECTED
        assert isinstance(found.wanted, DraftWanted)
        assert found.wanted.must_not_say
        assert found.wanted.cite == ()


async def test_what_another_case_says_already_is_refused_by_name(
    application: Application, seed: Seed
) -> None:
    first, same, other = await seed(
        item(1, "升级以后同步一直闪退，第 3 次了", channel="a"),
        item(2, "升级以后，同步一直闪退！第 3 次了", channel="b"),
        item(3, "升级以后同步一直闪退，第 5 次了", channel="c"),
    )
    kept = await application.harvest.from_task(first, SampleTask.TRIAGE, by="ann")
    with pytest.raises(DuplicateSample) as refused:
        await application.harvest.from_task(same, SampleTask.TRIAGE, by="ann")
    assert refused.value.details == {"sample": kept.id}
    others = await application.harvest.from_task(other, SampleTask.TRIAGE, by="ann")
    with pytest.raises(DuplicateSample):
        await application.sample_desk.accept(others.id, SampleEdit(text=kept.text), by="ed")
    await application.sample_desk.reject(kept.id, by="ed", reason="重复")
    assert await application.harvest.from_task(same, SampleTask.TRIAGE, by="ann")


async def test_an_accepted_sample_is_redacted_and_checked(
    application: Application, task: TaskView
) -> None:
    desk = application.sample_desk
    sample = await application.harvest.from_task(task.task.id, SampleTask.DRAFT, by="ann")
    refused: tuple[SampleEdit, ...] = (
        SampleEdit(text="  "),
        SampleEdit(wanted=TriageWanted(categories=("complaint",))),
        SampleEdit(wanted=DraftWanted(cite=("none#1",), reply_lang=Lang.ZH)),
        SampleEdit(wanted=DraftWanted(must_not_say=("打 13800001234",), reply_lang=Lang.ZH)),
    )
    for edit in refused:
        with pytest.raises(InvalidInput):
            await desk.accept(sample.id, edit, by="ed")
    edit = SampleEdit(text="我要退款，邮箱 marker@example.com")
    done = await desk.accept(sample.id, edit, by="ed")
    assert (done.status, done.decided_by) == (SampleStatus.ACCEPTED, "ed")
    assert "marker@example.com" not in done.text
    assert await desk.accept(sample.id, SampleEdit(), by="ed") == done, "again changes nothing"
    with pytest.raises(IllegalTransition):
        await desk.reject(sample.id, by="ed", reason="x")
    assert await desk.suite("acme", SampleTask.DRAFT) == (done,)
    await desk.retire(sample.id, by="ed", reason="规则变了")
    assert await desk.suite("acme", SampleTask.DRAFT) == ()
    with pytest.raises(InvalidInput):
        await desk.retire(sample.id, by="ed", reason=" ")
    with pytest.raises(NotFound):
        await desk.accept("none", SampleEdit(), by="ed")


async def test_what_a_member_took_back_is_no_test(application: Application, task: TaskView) -> None:
    case_id = task.task.case_id or ""
    sample = await application.harvest.from_case(case_id, by="ann")
    kept = await application.harvest.from_task(task.task.id, SampleTask.DRAFT, by="ann")
    kept = await application.sample_desk.accept(kept.id, SampleEdit(), by="ed")
    assert await application.sample_desk.suite("acme", SampleTask.DRAFT) == (kept,)
    raw = {
        "source": "wechat",
        "external_id": "m0",
        "kind": ChangeKind.WITHDRAWN.value,
        "at": "2026-04-01T05:00:00Z",
    }
    await application.changes.take("acme", [raw])
    with pytest.raises(Conflict):
        await application.harvest.from_case(case_id, by="ann")
    with pytest.raises(Conflict):
        await application.sample_desk.accept(sample.id, SampleEdit(), by="ed")
    assert await application.sample_desk.suite("acme", SampleTask.DRAFT) == (), (
        "no longer given out"
    )


async def test_the_suite_loads_what_was_accepted(
    application: Application, task: TaskView, tmp_path: Path
) -> None:
    for kind in SampleTask:
        sample = await application.harvest.from_task(task.task.id, kind, by="ann")
        await application.sample_desk.accept(sample.id, SampleEdit(), by="ed")
        file = tmp_path / FILES[kind.value]
        file.write_text((await application.sample_desk.files("acme"))[file.name])
        (loaded,) = load(kind.value, file).samples
        assert (loaded.id, loaded.text, loaded.lang) == (sample.id, sample.text, sample.lang)
        wanted = sample.wanted.model_dump(exclude={"task"})
        assert {name: getattr(loaded.expect, name) for name in wanted if name != "abstain"} == {
            name: value for name, value in wanted.items() if name != "abstain"
        }
