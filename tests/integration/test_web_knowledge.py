"""Suggested entries of the FAQ over the API and on the page."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.knowledge import Suggestion
from service.domain.review import Verdict
from service.flows.review import Ruling
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

ACME = {"community": "acme"}
ANSWER = "打开“设置”，点 <b>导出备份</b>，会得到一个压缩包。"


@pytest.fixture
async def suggestion(application: Application, seed: Seed) -> Suggestion:
    """An answer a reviewer wrote where no rule fitted."""
    (task_id,) = await seed("怎么导出 <i>全部</i> 笔记")
    view = await application.queries.task(task_id)
    assert view is not None
    ruling = Ruling(Verdict.APPROVE_EDITED, view.revisions[-1].hash, ANSWER, acknowledge=True)
    await application.review.decide(task_id, "ann", ruling)
    found = await application.knowledge.consider(view.task.case_id or "")
    assert isinstance(found, Suggestion)
    return found


async def test_an_entry_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, suggestion: Suggestion
) -> None:
    key = await bearer(Scope.CASES_READ, Scope.RULES_WRITE, Scope.RULES_READ)
    path = f"/v1/knowledge/{suggestion.id}"
    (listed,) = (await web.get("/v1/knowledge", params=ACME, headers=key)).json()["items"]
    assert listed == (await web.get(path, headers=key)).json()
    assert listed["sources"][0]["case_id"] == suggestion.case_ids[0]
    late = await web.post(f"{path}/postpone", json={"days": 3}, headers=key)
    assert late.json()["status"] == "postponed"
    done = await web.post(f"{path}/accept", json={"answer": "导出备份即可。"}, headers=key)
    assert (done.status_code, done.json()["number"]) == (200, 1)
    document = (await web.get("/v1/documents/faq-grown-zh", params=ACME, headers=key)).json()
    assert [one["text"] for one in document["clauses"]] == ["导出备份即可。"]
    again = await web.post(f"{path}/reject", json={"reason": "x"}, headers=key)
    assert again.status_code == 409
    gone = await web.post(f"{path}/retire", json={"reason": "过时"}, headers=key)
    assert (gone.json()["status"], gone.json()["note"]) == ("retired", "过时")
    only = {"status": "proposed"}
    assert (await web.get("/v1/knowledge", params=ACME | only, headers=key)).json()["items"] == []


async def test_who_may_do_what(
    web: httpx.AsyncClient, bearer: KeyMaker, application: Application, suggestion: Suggestion
) -> None:
    elsewhere = Community(id="elsewhere", name=Bilingual(zh="别处", en="Elsewhere"))
    async with application.uow() as uow:
        await uow.communities.save(elsewhere)
        await uow.commit()
    path, body = f"/v1/knowledge/{suggestion.id}", {"reason": "x"}
    reader = await bearer(Scope.CASES_READ)
    assert (await web.post(f"{path}/reject", json=body, headers=reader)).status_code == 403
    other = await bearer(community="elsewhere")
    for answer in (
        await web.get(path, headers=other),
        await web.post(f"{path}/reject", json=body, headers=other),
        await web.post("/v1/knowledge/none/accept", json={}, headers=await bearer()),
    ):
        assert answer.status_code == 404


async def test_an_editor_decides_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, suggestion: Suggestion
) -> None:
    await log_in(Role.EDITOR)
    page = await web.get("/knowledge")
    assert "&lt;b&gt;导出备份&lt;/b&gt;" in page.text
    assert "怎么导出 &lt;i&gt;全部&lt;/i&gt; 笔记" in page.text
    assert f"/cases/{suggestion.case_ids[0]}" in page.text
    form, path = {"csrf": csrf_of(page.text)}, f"/knowledge/{suggestion.id}"
    empty = await web.post(f"{path}/accept", data=form | {"answer": " "})
    assert empty.status_code == 422
    edited = form | {"question": "怎么导出？", "answer": "导出备份即可。", "lang": "zh"}
    done = await web.post(f"{path}/accept", data=edited)
    shown = await web.get(done.headers["location"])
    assert "/documents/faq-grown-zh#c-Q1" in shown.text
    assert "No entries are waiting" in shown.text
    accepted = await web.get("/knowledge?status=accepted")
    assert "导出备份即可。" in accepted.text
    gone = await web.post(f"{path}/retire", data=form | {"reason": "过时"})
    assert "Taken out" in (await web.get(gone.headers["location"])).text
    late = await web.post(f"{path}/postpone", data=form)
    assert late.status_code == 409


async def test_moderators_read_and_do_not_decide(
    web: httpx.AsyncClient, log_in: LogIn, suggestion: Suggestion
) -> None:
    await log_in(Role.MODERATOR)
    page = await web.get("/knowledge?status=nonsense&done=none")
    assert page.status_code == 200
    assert f"/knowledge/{suggestion.id}/accept" not in page.text
    form = {"csrf": csrf_of(page.text), "reason": "x"}
    assert (await web.post(f"/knowledge/{suggestion.id}/reject", data=form)).status_code == 403
