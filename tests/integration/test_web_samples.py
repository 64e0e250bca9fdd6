"""Proposed test cases over the API and on the pages."""

from __future__ import annotations

import json

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.sample import DraftWanted, SampleTask
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

ACME = {"community": "acme"}
ASKED = "我要退款 <b>马上</b>，电话 13800001234"
SAMPLES, PROPOSALS = "/v1/samples", "/v1/samples/proposals"


@pytest.fixture
async def task_id(rules: None, seed: Seed) -> str:
    """A reply about a refund that waits for a reviewer."""
    (found,) = await seed(ASKED)
    return found


async def test_a_case_over_the_api(web: httpx.AsyncClient, bearer: KeyMaker, task_id: str) -> None:
    key = await bearer(Scope.REVIEW, Scope.CASES_READ, Scope.EXAMPLES_WRITE)
    body = {"task": "retrieval", "task_id": task_id}
    made = await web.post(PROPOSALS, json=body, headers=key)
    assert made.status_code == 201, made.text
    path = f"{PROPOSALS}/{made.json()['id']}"
    assert (await web.get(path, headers=key)).json() == made.json()
    (listed,) = (await web.get(PROPOSALS, params=ACME, headers=key)).json()["items"]
    assert listed == made.json()
    where = ACME | {"task": "retrieval"}
    assert (await web.get(SAMPLES, params=where, headers=key)).text == "", "not accepted yet"
    wanted = {"task": "retrieval", "clauses": ["membership#3.1"]}
    done = await web.post(f"{path}/accept", json={"wanted": wanted}, headers=key)
    assert done.json()["status"] == "accepted"
    exported = await web.get(SAMPLES, params=where, headers=key)
    assert exported.headers["content-type"].startswith("application/x-ndjson")
    (line,) = exported.text.splitlines()
    assert "13800001234" not in line
    row = json.loads(line)
    assert row.keys() == {"id", "lang", "query", "expect"}
    assert row["expect"] == {"clauses": ["membership#3.1"]}
    other = await web.get(SAMPLES, params=ACME | {"task": "triage"}, headers=key)
    assert other.text == ""
    again = await web.post(f"{path}/reject", json={"reason": "x"}, headers=key)
    assert again.status_code == 409
    same = await web.post(PROPOSALS, json=body, headers=key)
    assert (same.status_code, same.json()["code"]) == (409, "duplicate_sample")
    assert same.json()["details"]["sample"] == made.json()["id"]
    gone = await web.post(f"{path}/retire", json={"reason": "过时"}, headers=key)
    assert (gone.json()["status"], gone.json()["note"]) == ("retired", "过时")


@pytest.mark.parametrize(
    "body",
    [
        {"task": "draft", "case_id": "x"},
        {"task": "triage"},
        {"task": "triage", "case_id": "x", "task_id": "y"},
        {"task": "posts", "task_id": "y"},
    ],
)
async def test_what_names_no_source_is_refused(
    web: httpx.AsyncClient, bearer: KeyMaker, body: dict[str, str]
) -> None:
    answer = await web.post(PROPOSALS, json=body, headers=await bearer())
    assert answer.status_code == 422


async def test_an_expectation_is_needed(
    web: httpx.AsyncClient, bearer: KeyMaker, task_id: str
) -> None:
    key = await bearer()
    made = await web.post(PROPOSALS, json={"task": "draft", "task_id": task_id}, headers=key)
    path = f"{PROPOSALS}/{made.json()['id']}/accept"
    for wanted in ({"task": "draft", "reply_lang": "zh"}, {"task": "triage"}, {}):
        answer = await web.post(path, json={"wanted": wanted}, headers=key)
        assert answer.status_code == 422, wanted


async def test_who_may_do_what(
    web: httpx.AsyncClient, bearer: KeyMaker, application: Application, task_id: str
) -> None:
    elsewhere = Community(id="elsewhere", name=Bilingual(zh="别处", en="Elsewhere"))
    async with application.uow() as uow:
        await uow.communities.save(elsewhere)
        await uow.commit()
    sample = await application.harvest.from_task(task_id, SampleTask.TRIAGE, by="ann")
    path, why = f"{PROPOSALS}/{sample.id}", {"reason": "x"}
    body = {"task": "triage", "task_id": task_id}
    reader = await bearer(Scope.CASES_READ)
    assert (await web.post(PROPOSALS, json=body, headers=reader)).status_code == 403
    reviewer = await bearer(Scope.REVIEW)
    assert (await web.post(f"{path}/reject", json=why, headers=reviewer)).status_code == 403
    other = await bearer(community="elsewhere")
    case = {"task": "triage", "case_id": sample.case_id}
    for answer in (
        await web.get(path, headers=other),
        await web.post(f"{path}/reject", json=why, headers=other),
        await web.post(PROPOSALS, json=body, headers=other),
        await web.post(PROPOSALS, json=case, headers=other),
        await web.post(f"{PROPOSALS}/none/accept", json={}, headers=await bearer()),
    ):
        assert answer.status_code == 404
    where = ACME | {"task": "triage"}
    assert (await web.get(SAMPLES, params=where, headers=other)).status_code == 403


async def test_a_moderator_proposes_from_the_task_and_loses_no_text(
    web: httpx.AsyncClient, log_in: LogIn, application: Application, task_id: str
) -> None:
    await log_in(Role.MODERATOR)
    page = await web.get(f"/tasks/{task_id}")
    assert f'formaction="/tasks/{task_id}/sample"' in page.text
    form = {
        "csrf": csrf_of(page.text),
        "text": "会员购买后七天内、使用不超过三次的，可以申请全额退款，三天内原路退回。谢谢 <i>",
    }
    done = await web.post(f"/tasks/{task_id}/sample", data=form | {"sample": "draft"})
    assert done.status_code == 200
    assert "Proposed as a test case" in done.text
    assert "谢谢 &lt;i&gt;" in done.text, "what was typed is still there"
    (found,) = (await application.queries.samples("acme")).items
    assert isinstance(found.wanted, DraftWanted)
    bad = await web.post(f"/tasks/{task_id}/sample", data=form | {"sample": "posts"})
    assert bad.status_code == 422
    assert (await web.get("/samples")).status_code == 200
    denied = await web.post(f"/samples/{found.id}/accept", data={"csrf": csrf_of(page.text)})
    assert denied.status_code == 403


async def test_a_moderator_proposes_from_the_case(
    web: httpx.AsyncClient, log_in: LogIn, application: Application, task_id: str, seed: Seed
) -> None:
    await log_in(Role.MODERATOR)
    view = await application.queries.task(task_id)
    assert view is not None
    path = f"/cases/{view.task.case_id}"
    form = {"csrf": csrf_of((await web.get(path)).text)}
    done = await web.post(f"{path}/sample", data=form)
    assert "Proposed as a test case" in done.text
    (sample,) = (await application.queries.samples("acme")).items
    (same,) = await seed({**_raw(), "text": ASKED + "！"})
    found = await application.queries.task(same)
    assert found is not None
    refused = await web.post(f"/cases/{found.task.case_id}/sample", data=form)
    assert refused.status_code == 409
    assert f"/samples?id={sample.id}" in refused.text, "says which"
    shown = await web.get(f"/samples?id={sample.id}")
    assert shown.text.count(f'id="{sample.id}"') == 1


def _raw() -> dict[str, object]:
    return {
        "source": "wechat",
        "external_id": "m77",
        "author": "other",
        "channel": "b",
        "sent_at": "2026-04-01T04:00:00Z",
    }


async def test_an_editor_curates_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, application: Application, task_id: str
) -> None:
    await log_in(Role.EDITOR)
    made = {
        kind: await application.harvest.from_task(task_id, kind, by="ann") for kind in SampleTask
    }
    page = await web.get("/samples")
    assert "&lt;b&gt;马上&lt;/b&gt;" in page.text
    assert "13800001234" not in page.text
    form = {"csrf": csrf_of(page.text), "text": "我要退款", "lang": "zh"}
    draft = f"/samples/{made[SampleTask.DRAFT].id}"
    nothing = await web.post(f"{draft}/accept", data=form | {"text": "别的 <u>", "cite": ""})
    assert nothing.status_code == 422
    assert "别的 &lt;u&gt;</textarea>" in nothing.text, "nothing typed is lost"
    edited = form | {"cite": "membership#3.1\n\n", "must_not_say": "送您会员\n", "reply_lang": "zh"}
    done = await web.post(f"{draft}/accept", data=edited)
    assert "Accepted." in (await web.get(done.headers["location"])).text
    (kept,) = await application.sample_desk.suite("acme", SampleTask.DRAFT)
    assert kept.wanted == DraftWanted(
        cite=("membership#3.1",), must_not_say=("送您会员",), reply_lang=Lang.ZH
    )
    triage = f"/samples/{made[SampleTask.TRIAGE].id}"
    both = form | {"category": "complaint", "abstain": "yes"}
    assert (await web.post(f"{triage}/accept", data=both)).status_code == 422
    whole = form | {"category": "complaint", "second": "complaint", "min_severity": "3"}
    assert (await web.post(f"{triage}/accept", data=whole)).status_code == 303
    search = f"/samples/{made[SampleTask.RETRIEVAL].id}"
    assert (await web.post(f"{search}/accept", data=form | {"no_answer": "yes"})).status_code == 303
    (none,) = await application.sample_desk.suite("acme", SampleTask.RETRIEVAL)
    assert none.wanted.golden() == {"none": True}
    accepted = await web.get("/samples?status=accepted")
    assert "送您会员" in accepted.text
    gone = await web.post(f"{draft}/retire", data=form | {"reason": "过时"})
    assert "Taken out" in (await web.get(gone.headers["location"])).text
    late = await web.post(f"{draft}/reject", data=form | {"reason": "x"})
    assert late.status_code == 409
