"""Correcting a triage over the API and on the pages."""

from __future__ import annotations

import httpx

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of


async def case_of(application: Application, task_id: str) -> str:
    view = await application.queries.task(task_id)
    assert view is not None
    return str(view.draft.case_id)


async def test_ops_correct_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, application: Application
) -> None:
    (task_id,) = await seed("我要退款")
    case_id = await case_of(application, task_id)
    key = await bearer(Scope.OVERRIDES_WRITE, Scope.CASES_READ)
    path = f"/v1/cases/{case_id}/overrides"
    body = {"categories": ["complaint"], "sentiment": "neutral"}
    made = await web.post(path, json=body, headers=key)
    assert made.status_code == 201, made.text
    assert made.json()["triage"]["judgement"]["labels"][0]["category"] == "complaint"
    assert made.json()["example"]["status"] == "proposed"
    detail = (await web.get(f"/v1/cases/{case_id}", headers=key)).json()
    assert detail["in_force"]["id"] == made.json()["triage"]["id"]
    assert [one["id"] for one in detail["overrides"]] == [made.json()["override"]["id"]]
    listed = await web.get("/v1/overrides?community=acme&field=sentiment", headers=key)
    assert len(listed.json()["items"]) == 1
    none = await web.get("/v1/overrides?community=acme&field=severity", headers=key)
    assert none.json()["items"] == []
    assert (await web.get(path, headers=key)).json() == detail["overrides"]


async def test_refusals_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, application: Application
) -> None:
    async with application.uow() as uow:
        elsewhere = Community(id="other", name=Bilingual(zh="别处", en="Other"))
        await uow.communities.save(elsewhere)
        await uow.commit()
    (task_id,) = await seed("我要退款")
    path = f"/v1/cases/{await case_of(application, task_id)}/overrides"
    key = await bearer(Scope.OVERRIDES_WRITE)
    for body in ({}, {"categories": ["x"]}, {"severity": 9}, {"severity": 0}, {"category": "x"}):
        assert (await web.post(path, json=body, headers=key)).status_code == 422, body
    stale = {"severity": 3, "seen_triage": "tri_old"}
    answer = await web.post(path, json=stale, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "moved_on")
    reader = await bearer(Scope.CASES_READ)
    assert (await web.post(path, json={"severity": 3}, headers=reader)).status_code == 403
    foreign = await bearer(Scope.OVERRIDES_WRITE, community="other")
    assert (await web.post(path, json={"severity": 3}, headers=foreign)).status_code == 404


async def test_a_moderator_corrects_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    (task_id,) = await seed("我要退款")
    case_id = await case_of(application, task_id)
    user = await log_in(Role.MODERATOR)
    for path in (f"/cases/{case_id}", f"/tasks/{task_id}"):
        page = (await web.get(path)).text
        assert 'data-pop="o"' in page
    form = {
        "csrf": csrf_of(page), "back": f"/tasks/{task_id}", "category": "complaint",
        "severity": "1", "reason": "<b>玩笑</b>",
    }  # fmt: skip
    done = await web.post(f"/cases/{case_id}/override", data=form)
    assert (done.status_code, done.headers["location"]) == (303, f"/tasks/{task_id}")
    for path in (f"/cases/{case_id}", f"/tasks/{task_id}"):
        page = (await web.get(path)).text
        assert f"Corrected by {user.name}" in page
        assert "&lt;b&gt;玩笑&lt;/b&gt;" in page
        assert "Complaint" in page
    assert "set by a person" in (await web.get("/queue")).text
    assert "set by a person" in (await web.get("/cases")).text
    evil = form | {"back": "https://evil.test/", "seen": ""}
    answer = await web.post(f"/cases/{case_id}/override", data=evil)
    assert answer.headers["location"] == "/queue"
    unknown = await web.post(f"/cases/{case_id}/override", data=form | {"category": "zzz"})
    assert unknown.status_code == 422
    assert 'data-pop="o" open' in unknown.text
    lower = await web.post(
        f"/cases/{case_id}/override", data={"csrf": form["csrf"], "severity": "0"}
    )
    assert (lower.status_code, "needs a reason" in lower.text) == (422, True)
    nothing = await web.post(f"/cases/{case_id}/override", data={"csrf": form["csrf"]})
    assert nothing.status_code == 422


async def test_viewers_see_no_form(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    (task_id,) = await seed("我要退款")
    case_id = await case_of(application, task_id)
    await log_in(Role.VIEWER)
    page = (await web.get(f"/cases/{case_id}")).text
    assert 'data-pop="o"' not in page
    answer = await web.post(
        f"/cases/{case_id}/override", data={"csrf": csrf_of(page), "severity": "4"}
    )
    assert answer.status_code == 403
