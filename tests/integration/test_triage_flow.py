"""Cases are judged once for what they say, staff and archives get no automatic reply."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.bootstrap import Application
from service.domain.triage import DuplicateKind
from service.errors import InvalidInput
from service.flows.triage import TriageFlow
from service.ports.jobs import Job

TEXT = "会员买了三天想申请退款，在哪里提交申请？"


def item(external_id: str, **changes: Any) -> dict[str, Any]:
    base = {"source": "qq", "external_id": external_id, "author": external_id, "text": TEXT}
    return base | changes


async def ingested(application: Application, *items: dict[str, Any]) -> list[str]:
    results = await application.ingest.ingest("acme", items)
    return [result.case_id or "" for result in results]


async def triage_of(application: Application, case_id: str) -> Any:
    async with application.uow() as uow:
        return (await uow.triages.latest([case_id]))[case_id]


async def test_a_case_is_judged_once_until_it_grows(application: Application, clock: Any) -> None:
    (case_id,) = await ingested(application, item("a"))
    assert await application.triage.run("acme", [case_id]) == 1
    assert await application.triage.run("acme", [case_id]) == 0
    clock.move(timedelta(minutes=1))
    await ingested(application, item("b", author="a", text="订单号忘了"))
    assert await application.triage.run("acme", [case_id]) == 1
    assert (await triage_of(application, case_id)).case_size == 2


async def test_a_lost_job_is_swept_up(application: Application) -> None:
    (case_id,) = await ingested(application, item("a"))
    assert await application.triage.sweep() == 1
    await application.triage.run("acme", [case_id])
    assert await application.triage.sweep() == 0


@pytest.mark.parametrize("together", [True, False])
async def test_the_same_words_of_two_members_are_duplicates(
    application: Application, together: bool
) -> None:
    first, second = await ingested(application, item("a"), item("b"))
    if together:
        await application.triage.run("acme", [first, second])
    else:
        await application.triage.run("acme", [first])
        await application.triage.run("acme", [second])
    assert (await triage_of(application, first)).duplicate_of is None
    duplicate = (await triage_of(application, second)).duplicate_of
    assert (duplicate.case_id, duplicate.kind) == (first, DuplicateKind.EXACT)


async def test_nearly_the_same_words_are_near_duplicates(application: Application) -> None:
    first, second = await ingested(
        application, item("a"), item("b", text=TEXT.replace("申请？", "申请呢？"))
    )
    await application.triage.run("acme", [first])
    await application.triage.run("acme", [second])
    duplicate = (await triage_of(application, second)).duplicate_of
    assert duplicate is not None
    assert duplicate.kind is DuplicateKind.NEAR


async def test_staff_and_archives_get_no_automatic_draft(
    application: Application, clock: Any
) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        await uow.communities.save(community.model_copy(update={"staff": frozenset({"boss"})}))
        await uow.commit()
    old = clock.now() - timedelta(days=30)
    cases = await ingested(application, item("a"), item("b", author="boss"), item("c", sent_at=old))
    await application.triage.run("acme", cases)
    async with application.uow() as uow:
        due = await uow.drafts.cases_due(10, since=clock.now() - timedelta(days=7))
    assert due == ((cases[0], 1),)


async def test_a_draft_that_waits_is_not_swept_up(application: Application) -> None:
    (case_id,) = await ingested(application, item("a"))
    await application.triage.run("acme", [case_id])
    assert await application.draft.sweep() == 1
    assert await waiting(application, Job.DRAFT) == 1


async def waiting(application: Application, job: Job) -> int:
    query = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name")
    async with application.engine.connect() as connection:
        return int((await connection.execute(query, {"name": job.value})).scalar_one())


class _Fragile:
    """The engine, breaking on one word as an unforeseen text would make it."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.taxonomy = inner, inner.taxonomy

    def judge(self, texts: Any, at: Any) -> Any:
        if any("毒" in text for text in texts):
            raise ArithmeticError("broken")
        return self._inner.judge(texts, at)

    def duplicate(self, redacted: str, candidates: Any) -> Any:
        return self._inner.duplicate(redacted, candidates)


async def test_a_case_that_breaks_the_engine_does_not_stop_the_others(
    application: Application, clock: Any
) -> None:
    items = [item(str(n), text=f"第{n}次同步失败了") for n in range(5)]
    cases = await ingested(application, *items, item("x", text="毒"))
    fragile = TriageFlow(
        uow=application.uow,
        triager=_Fragile(application.triager),
        embedder=application.embedder,
        vectors=application.vectors,
        clock=clock,
        ids=application.ids,
    )
    with pytest.raises(ArithmeticError):
        await fragile.run("acme", cases)
    async with application.uow() as uow:
        assert await uow.triages.pending(10) == (("acme", cases[-1]),)


async def test_judging_stores_nothing(application: Application) -> None:
    (judgement,) = await application.triage.judge_texts(["我的手机号是 13800138000，同步失败"])
    assert "13800138000" not in judgement.model_dump_json()
    assert (await application.queries.counts()).messages == 0


@pytest.mark.parametrize("text", ["", "\u200b", "x" * 20_001])
async def test_texts_that_cannot_be_judged_are_named(application: Application, text: str) -> None:
    with pytest.raises(InvalidInput):
        await application.triage.judge_texts([text])
