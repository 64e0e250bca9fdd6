"""Keeping managed terms over the API and on the page; engines take them up by version."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from tests.plugins.web import KeyMaker, LogIn, csrf_of

NEW = {
    "community": "acme",
    "terms": [
        {"phrase": "堵门 ~ 讨说法", "kind": "severity", "floor": 4, "code": "mob"},
        {"phrase": "低价代充", "kind": "spam", "code": "resale"},
    ],
}


async def versions(application: Application) -> dict[str, str]:
    async with application.uow() as uow:
        return dict(await uow.versions.all())


async def test_ops_keep_terms_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key = await bearer(Scope.BANK_WRITE, Scope.CASES_READ)
    made = await web.post("/v1/bank", json=NEW, headers=key)
    assert (made.status_code, made.json()["added"]) == (201, 2)
    again = await web.post("/v1/bank", json=NEW, headers=key)
    assert (again.json()["added"], again.json()["known"]) == (0, 2)
    assert again.json()["version"] == made.json()["version"]
    assert (await versions(keyword_triage))["bank/acme"] == made.json()["version"]
    listed = (await web.get("/v1/bank?community=acme&kind=spam", headers=key)).json()["items"]
    assert [one["phrase"] for one in listed] == ["低价代充"]
    path = f"/v1/bank/{listed[0]['id']}/retire"
    gone = await web.post(path, json={"reason": "误报，见 13812345678"}, headers=key)
    assert gone.json()["status"] == "retired"
    assert "13812345678" not in gone.text
    assert (await web.post(path, json={"reason": "x"}, headers=key)).status_code == 409
    assert (await versions(keyword_triage))["bank/acme"] != made.json()["version"]
    active = await web.get("/v1/bank?community=acme&status=active", headers=key)
    assert [one["phrase"] for one in active.json()["items"]] == ["堵门 ~ 讨说法"]


async def test_a_file_is_taken_whole_or_not_at_all(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key = await bearer(Scope.BANK_WRITE, Scope.CASES_READ)
    many = "\n".join(f"词句{number:05}号" for number in range(12_000))
    body = {"community": "acme", "format": "lines", "content": many, "floor": 2}
    done = await web.post("/v1/bank/import", json=body, headers=key)
    assert (done.status_code, done.json()["added"]) == (201, 12_000)
    bad = body | {"content": "新的词句\n短\n"}
    refused = await web.post("/v1/bank/import", json=bad, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    found = await web.get("/v1/bank?community=acme&text=新的", headers=key)
    assert found.json()["items"] == []
    first = (await web.get("/v1/bank?community=acme&limit=3", headers=key)).json()
    more = await web.get(f"/v1/bank?community=acme&limit=3&cursor={first['cursor']}", headers=key)
    assert {one["id"] for one in first["items"]}.isdisjoint(o["id"] for o in more.json()["items"])


async def test_engines_are_assembled_with_the_terms_in_force(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key = await bearer(Scope.BANK_WRITE, Scope.CASES_READ)
    await web.post("/v1/bank", json=NEW, headers=key)
    shared = {"terms": [{"phrase": "全员通告", "floor": 2}]}
    await web.post("/v1/bank", json=shared, headers=key)
    async with keyword_triage.uow() as uow:
        own = [one.phrase for one in await uow.bank.active("acme", own=True)]
        all_of_them = [one.phrase for one in await uow.bank.active("acme")]
    assert sorted(own) == sorted(["堵门 ~ 讨说法", "低价代充"])
    assert sorted(all_of_them) == sorted([*own, "全员通告"])


async def test_a_key_of_one_community_keeps_its_own_terms_alone(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    mine = await bearer(Scope.BANK_WRITE, Scope.CASES_READ, community="acme")
    shared = {"terms": [{"phrase": "全员通告", "floor": 2}]}
    assert (await web.post("/v1/bank", json=shared, headers=mine)).status_code == 403
    other = NEW | {"community": "elsewhere"}
    assert (await web.post("/v1/bank", json=other, headers=mine)).status_code == 403
    reading = await bearer(Scope.CASES_READ)
    assert (await web.post("/v1/bank", json=NEW, headers=reading)).status_code == 403


@pytest.mark.parametrize(
    "term",
    [
        {"phrase": "好", "floor": 3},
        {"phrase": "拉横幅"},
        {"phrase": "拉横幅", "floor": 3, "category": "no_such"},
        {"phrase": "拉横幅", "floor": 3, "code": "Not A Code"},
    ],
)
async def test_a_term_that_cannot_be_is_refused(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application, term: dict[str, object]
) -> None:
    key = await bearer(Scope.BANK_WRITE)
    answer = await web.post("/v1/bank", json={"community": "acme", "terms": [term]}, headers=key)
    assert answer.status_code == 422


async def test_an_editor_keeps_terms_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, keyword_triage: Application
) -> None:
    await log_in(Role.EDITOR)
    csrf = csrf_of((await web.get("/bank")).text)
    form = {"csrf": csrf, "phrases": "拉横幅\n<b>堵门</b>", "kind": "severity", "floor": "4"}
    assert (await web.post("/bank", data=form)).status_code == 303
    shown = (await web.get("/bank")).text
    assert "拉横幅" in shown
    assert "<b>堵门</b>" not in shown
    refused = await web.post("/bank", data=form | {"phrases": "好"})
    assert refused.status_code == 422


async def test_a_viewer_only_looks(
    web: httpx.AsyncClient, log_in: LogIn, keyword_triage: Application
) -> None:
    await log_in(Role.VIEWER)
    page = await web.get("/bank")
    assert page.status_code == 200
    csrf = csrf_of(page.text)
    form = {"csrf": csrf, "phrases": "拉横幅", "kind": "spam"}
    assert (await web.post("/bank", data=form)).status_code == 403
