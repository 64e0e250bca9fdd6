"""Curating examples over the API and on the page."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.refit import Loss
from tests.integration.test_learn_flow import HARM, Comparer
from tests.plugins.web import KeyMaker, LogIn, csrf_of

NEW = {"community": "acme", "text": "竹筒机器人罢工，找 13812345678", "category": "bug_report"}


@pytest.fixture
def comparer(keyword_triage: Application) -> Comparer:
    comparer = Comparer()
    vars(keyword_triage).update(comparer=comparer)
    return comparer


async def test_ops_curate_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, comparer: Comparer
) -> None:
    key = await bearer(Scope.EXAMPLES_WRITE, Scope.CASES_READ)
    made = await web.post("/v1/examples", json=NEW, headers=key)
    assert (made.status_code, made.json()["status"]) == (201, "proposed")
    assert "13812345678" not in made.text
    assert (await web.post("/v1/examples", json=NEW, headers=key)).status_code == 409
    path = f"/v1/examples/{made.json()['id']}"
    taught = await web.post(f"{path}/accept", json={}, headers=key)
    assert taught.json()["refit"]["verdict"] == "adopted"
    again = await web.post(f"{path}/accept", json={}, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert (await web.get(path, headers=key)).json()["status"] == "accepted"
    retired = await web.post(f"{path}/retire", json={"reason": "过时"}, headers=key)
    assert retired.json()["examples"][0]["status"] == "retired"
    refits = await web.get("/v1/examples/refits?community=acme&limit=1", headers=key)
    assert len(refits.json()["items"]) == 1
    assert refits.json()["cursor"]


async def test_lists_filter_and_page(
    web: httpx.AsyncClient, bearer: KeyMaker, comparer: Comparer
) -> None:
    key = await bearer(Scope.EXAMPLES_WRITE, Scope.CASES_READ)
    for number in range(3):
        body = NEW | {"text": f"第{number}个 100%_例子"}
        assert (await web.post("/v1/examples", json=body, headers=key)).status_code == 201
    english = NEW | {"text": "the bamboo bot is on strike", "category": "complaint"}
    await web.post("/v1/examples", json=english, headers=key)

    async def found(query: str) -> list[str]:
        answer = await web.get(f"/v1/examples?community=acme&{query}", headers=key)
        return [one["text"] for one in answer.json()["items"]]

    assert len(await found("status=proposed")) == 4
    assert await found("status=accepted") == []
    assert await found("lang=en") == [english["text"]] == await found("category=complaint")
    assert await found("text=BAMBOO") == [english["text"]]
    assert len(await found("text=0%25_")) == 3, "a pattern is no pattern"
    assert await found("shared=true") == []
    first = (await web.get("/v1/examples?community=acme&limit=3", headers=key)).json()
    rest = await found(f"cursor={first['cursor']}")
    assert len({one["text"] for one in first["items"]} | set(rest)) == 4
    ids = [one["id"] for one in first["items"]]
    many = await web.post("/v1/examples/accept", json={"ids": ids}, headers=key)
    assert len(many.json()["examples"]) == 3
    assert comparer.asked == 1


async def test_a_key_curates_its_own_community_only(
    web: httpx.AsyncClient, bearer: KeyMaker, comparer: Comparer, application: Application
) -> None:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别", en="O")))
        await uow.commit()
    everywhere, foreign = await bearer(), await bearer(community="other")
    mine = (await web.post("/v1/examples", json=NEW, headers=everywhere)).json()["id"]
    shared = NEW | {"community": None, "text": "谁都能用"}
    common = (await web.post("/v1/examples", json=shared, headers=everywhere)).json()["id"]
    for step, body in (("accept", {}), ("reject", {}), ("retire", {"reason": "x"})):
        answer = await web.post(f"/v1/examples/{mine}/{step}", json=body, headers=foreign)
        assert answer.status_code == 404
        answer = await web.post(f"/v1/examples/{common}/{step}", json=body, headers=foreign)
        assert answer.status_code == 403
    assert (await web.get(f"/v1/examples/{common}", headers=foreign)).status_code == 200
    assert (await web.post("/v1/examples", json=shared, headers=foreign)).status_code == 403
    assert (await web.post("/v1/examples", json=NEW, headers=foreign)).status_code == 403
    own = NEW | {"community": "other"}
    theirs = (await web.post("/v1/examples", json=own, headers=foreign)).json()["id"]
    wide = await web.post(
        f"/v1/examples/{theirs}/accept", json={"everywhere": True}, headers=foreign
    )
    assert wide.status_code == 403


async def test_an_editor_curates_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, comparer: Comparer
) -> None:
    await log_in(Role.EDITOR)
    page = await web.get("/examples")
    assert "Nothing waits" in page.text
    csrf = csrf_of(page.text)
    for text in ("竹筒 <b>罢工</b>", "第二个"):
        form = {"csrf": csrf, "text": text, "category": "bug_report"}
        assert (await web.post("/examples", data=form)).status_code == 303
    page = await web.get("/examples")
    assert "竹筒 &lt;b&gt;罢工&lt;/b&gt;" in page.text
    second, first = _ids(page.text)
    comparer.losses = (*HARM, Loss(name="all", measure="f1", before=0.9, after=0.8))
    held = await web.post(f"/examples/{first}/accept", data={"csrf": csrf})
    shown = await web.get(held.headers["location"])
    for words in ("Held: something would become worse", "80.0 → 70.0", "Adopt anyway"):
        assert words in shown.text
    insist = {"csrf": csrf, "insist": "旧的不对"}
    done = await web.post(f"/examples/{first}/accept", data=insist)
    assert "Adopted although" in (await web.get(done.headers["location"])).text
    assert (await web.post(f"/examples/{second}/reject", data={"csrf": csrf})).status_code == 303
    again = await web.post(f"/examples/{second}/reject", data={"csrf": csrf})
    assert (again.status_code, "This task is closed" in again.text) == (409, True)
    accepted = await web.get("/examples?status=accepted")
    assert _retirable(accepted.text) == [first]
    bare = await web.post(f"/examples/{first}/retire", data={"csrf": csrf})
    assert bare.status_code == 422
    comparer.losses = ()
    await web.post(f"/examples/{first}/retire", data={"csrf": csrf, "reason": "过时"})
    assert _retirable((await web.get("/examples?status=accepted")).text) == []


async def test_moderators_read_and_do_not_curate(
    web: httpx.AsyncClient, log_in: LogIn, comparer: Comparer
) -> None:
    await log_in(Role.MODERATOR)
    page = await web.get("/examples?status=nonsense&lang=xx&cursor=")
    assert page.status_code == 422, "a malformed cursor is said"
    page = await web.get("/examples?status=nonsense&lang=xx&refit=none")
    assert page.status_code == 200
    form = {"csrf": csrf_of(page.text), "text": "x", "category": "praise"}
    assert (await web.post("/examples", data=form)).status_code == 403


def _ids(page: str) -> list[str]:
    return [
        part.split("/")[0]
        for part in page.split('action="/examples/')[1:]
        if "/accept" in part[:60]
    ]


def _retirable(page: str) -> list[str]:
    return [
        part.split("/")[0]
        for part in page.split('action="/examples/')[1:]
        if "/retire" in part[:60]
    ]
