"""The gate over the API and by command line."""

from __future__ import annotations

import re

import httpx
import pytest

from prompts.loader import load_prompts
from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.evaluation import EvaluationVerdict
from tests.plugins.gate import ToldSuite
from tests.plugins.web import KeyMaker, LogIn, csrf_of

ORIGINAL = load_prompts().get("reply/grounded.zh").text
CHANGED = ORIGINAL.replace("--- system\n", "--- system\n（第二版）", 1)
PATH = "/v1/prompts/reply/grounded.zh"
LABEL = {"label": "production", "version": 2, "reason": "更好"}
WANTED = {"kind": "prompt", "name": "reply/grounded.zh", "version": 2}
TERMS = {"community": "acme", "terms": [{"phrase": "拉横幅", "floor": 4}]}
HERE = "?community=acme"


@pytest.fixture
def shut(keyword_triage: Application, gated: Application) -> Application:
    return gated


async def proposed(web: httpx.AsyncClient, key: dict[str, str]) -> None:
    new = {"text": CHANGED, "note": "语气更亲切"}
    assert (await web.post(f"{PATH}/versions", json=new, headers=key)).status_code == 201


async def test_a_refusal_says_the_remedy_and_the_remedy_works(
    shut: Application, suite: ToldSuite, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    key = await bearer(Scope.PROMPTS_WRITE, Scope.CASES_READ)
    await proposed(web, key)
    refused = await web.post(f"{PATH}/labels", json=LABEL, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_compared")
    assert "POST /v1/evaluations" in refused.json()["detail"]
    asked = await web.post("/v1/evaluations", json=WANTED, headers=key)
    assert (asked.status_code, asked.json()["status"]) == (202, "queued")
    again = await web.post("/v1/evaluations", json=WANTED, headers=key)
    assert again.json() == asked.json()
    suite.verdicts = [EvaluationVerdict.PASS]
    await shut.evaluations.run(asked.json()["id"])
    assert (await web.post(f"{PATH}/labels", json=LABEL, headers=key)).status_code == 200
    detail = (await web.get(f"{asked.headers['location']}{HERE}", headers=key)).json()
    assert detail["evaluation"]["findings"]["verdict"] == "pass"
    assert [one["version"] for one in detail["promotions"]] == ["2"]
    prompt = (await web.get(f"{PATH}{HERE}", headers=key)).json()
    assert [one["basis"] for one in prompt["promotions"]] == ["pass"]
    listed = (await web.get(f"/v1/evaluations{HERE}", headers=key)).json()["items"]
    assert [one["id"] for one in listed] == [asked.json()["id"]]


async def test_only_an_administrator_overrides_and_it_shows(
    shut: Application, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    editor = await bearer(Scope.PROMPTS_WRITE, Scope.BANK_WRITE, Scope.CASES_READ)
    admin = await bearer()
    await proposed(web, editor)
    forced = {"override": "有人正在组织线下闹事，来不及比对"}
    for path, body in ((f"{PATH}/labels", LABEL), ("/v1/bank", TERMS)):
        assert (await web.post(path, json=body, headers=editor)).status_code == 409
        assert (await web.post(path, json=body | forced, headers=editor)).status_code == 403
        short = await web.post(path, json=body | {"override": "急"}, headers=admin)
        assert short.status_code == 422
        assert (await web.post(path, json=body | forced, headers=admin)).is_success
    shown = (await web.get(f"/v1/promotions{HERE}", headers=editor)).json()["items"]
    assert {(one["kind"], one["basis"], one["reason"]) for one in shown} == {
        (kind, "override", forced["override"]) for kind in ("prompt", "bank")
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (WANTED | {"version": 99}, 404),
        (WANTED | {"version": 1}, 422),
        (WANTED | {"version": None}, 422),
        (WANTED | {"community": "nowhere"}, 404),
        ({"kind": "bank", "community": "acme"}, 422),
        ({"kind": "bank", "retire": "trm_none"}, 404),
    ],
)
async def test_what_cannot_be_compared_is_said(
    shut: Application, web: httpx.AsyncClient, bearer: KeyMaker, body: dict[str, object],
    status: int,
) -> None:  # fmt: skip
    answer = await web.post("/v1/evaluations", json=body, headers=await bearer())
    assert answer.status_code == status, answer.text


async def test_a_community_sees_its_own_comparisons(
    shut: Application, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    async with shut.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    key = await bearer()
    made = await web.post("/v1/evaluations", json=TERMS | {"kind": "bank"}, headers=key)
    elsewhere = await bearer(Scope.CASES_READ, community="other")
    found = await web.get(f"/v1/evaluations/{made.json()['id']}{HERE}", headers=elsewhere)
    assert found.status_code == 403
    path = f"/v1/evaluations/{made.json()['id']}?community=other"
    assert (await web.get(path, headers=elsewhere)).status_code == 404
    reading = await bearer(Scope.CASES_READ)
    refused = await web.post("/v1/evaluations", json=WANTED, headers=reading)
    assert refused.status_code == 403


PAGE = "/prompts/reply/grounded.zh"


async def test_the_page_shuts_the_door_opens_it_and_says_who_went_past(
    shut: Application, suite: ToldSuite, web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await log_in(Role.ADMIN)
    form = {"csrf": csrf_of((await web.get(PAGE)).text), "version": "2", "scope": "everybody"}
    await web.post(f"{PAGE}/versions", data=form | {"text": CHANGED, "note": "亲切"})
    page = (await web.get(f"{PAGE}?show=2")).text
    assert page.count(" disabled>") == 2
    move = form | {"label": "production", "reason": "更好"}
    assert (await web.post(f"{PAGE}/labels", data=move)).status_code == 409
    asked = await web.post(f"{PAGE}/compare", data=form)
    assert asked.status_code == 303
    suite.verdicts = [EvaluationVerdict.FAIL]
    await shut.evaluations.run(asked.headers["location"].rsplit("/", 1)[1])
    one = (await web.get(asked.headers["location"])).text
    assert "draft.support" in one
    assert "case-zh-1" in one
    assert "The comparison failed." in (await web.get(f"{PAGE}?show=2")).text
    forced = await web.post(f"{PAGE}/labels", data=move | {"override": "人工看过三十条 <b>"})
    assert forced.status_code == 303
    for path in (PAGE, "/evaluations", asked.headers["location"]):
        shown = (await web.get(path)).text
        assert "人工看过三十条 &lt;b&gt;" in shown
        assert "Overridden by an administrator" in shown


async def test_terms_are_compared_and_added_on_the_page(
    shut: Application, suite: ToldSuite, web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await log_in(Role.EDITOR)
    form = {"csrf": csrf_of((await web.get("/bank")).text), "phrases": "拉横幅"}
    form |= {"kind": "severity", "floor": "4", "code": "mob"}
    refused = await web.post("/bank", data=form)
    assert (refused.status_code, "拉横幅</textarea>" in refused.text) == (409, True)
    forced = await web.post("/bank", data=form | {"override": "有人正在组织线下闹事"})
    assert forced.status_code == 403
    asked = await web.post("/bank", data=form | {"compare": "1"})
    suite.verdicts = [EvaluationVerdict.PASS]
    await shut.evaluations.run(asked.headers["location"].rsplit("/", 1)[1])
    assert (await web.post("/bank", data=form)).status_code == 303
    assert "Passed a comparison" in (await web.get("/bank")).text


REASONED = {"kind": "thresholds", "override": "回答里没有依据的太多了，先收紧"}


@pytest.fixture
async def raised(shut: Application) -> Application:
    """Started once as shipped, and again with a limit that was raised."""
    await shut.take_up()
    retriever = shut.settings.retriever.model_copy(update={"min_confidence": 0.7})
    vars(shut).update(settings=shut.settings.model_copy(update={"retriever": retriever}))
    await shut.take_up()
    return shut


async def test_what_is_configured_is_told_held_and_put_in_force(
    raised: Application, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    key, editor = await bearer(), await bearer(Scope.PROMPTS_WRITE, Scope.CASES_READ)
    states = {one["kind"]: one for one in (await web.get("/v1/gate", headers=key)).json()["items"]}
    assert states["taxonomy"]["accepted"]
    held = states["thresholds"]
    assert (held["accepted"], held["stand"]) == (False, "held")
    assert "POST /v1/evaluations" in held["remedy"]
    ready = await web.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]["thresholds"]) == (200, "held")
    plain = {"kind": "thresholds"}
    assert (await web.post("/v1/promotions", json=plain, headers=key)).status_code == 409
    assert (await web.post("/v1/promotions", json=REASONED, headers=editor)).status_code == 403
    made = await web.post("/v1/promotions", json=REASONED, headers=key)
    assert (made.status_code, made.json()["basis"]) == (201, "override")
    assert (await web.post("/v1/promotions", json=REASONED, headers=key)).status_code == 409
    assert (await web.get("/readyz")).json()["parts"]["thresholds"] == "ok"
    back = plain | {"back_to": held["in_force"]}
    assert (await web.post("/v1/promotions", json=back, headers=key)).json()["basis"] == "returned"
    strange = plain | {"back_to": "none"}
    assert (await web.post("/v1/promotions", json=strange, headers=key)).status_code == 404
    broken = plain | {"content": "{}"}
    assert (await web.post("/v1/promotions", json=broken, headers=key)).status_code == 422


async def test_the_page_says_what_is_held_back_and_takes_it_in(
    raised: Application, suite: ToldSuite, web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await log_in(Role.VIEWER)
    read = (await web.get("/evaluations")).text
    assert "did not pass a comparison and is not in force" in read
    assert "/settings/in-force/" not in read
    web.cookies.clear()
    await log_in(Role.ADMIN, "ann")
    page = (await web.get("/evaluations")).text
    form = {"csrf": csrf_of(page)}
    compared = await web.post("/settings/in-force/thresholds", data=form | {"compare": "1"})
    for path, status in (("thresholds", 409), ("rules", 404), ("none", 404)):
        assert (await web.post(f"/settings/in-force/{path}", data=form)).status_code == status
    suite.verdicts = [EvaluationVerdict.PASS]
    await raised.evaluations.run(compared.headers["location"].rsplit("/", 1)[1])
    assert "put it in force here" in (await web.get("/settings")).text
    assert (await web.post("/settings/in-force/thresholds", data=form)).status_code == 303
    settings = (await web.get("/settings")).text
    assert "is not in force" not in settings
    (earlier,) = re.findall(r'name="back_to" value="(\w+)"', settings)
    back = form | {"back_to": earlier}
    assert (await web.post("/settings/in-force/thresholds", data=back)).status_code == 303
    assert "Brought back" in (await web.get("/evaluations")).text
