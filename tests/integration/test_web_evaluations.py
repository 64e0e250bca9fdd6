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
from service.flows.rules import Upload
from tests.plugins.gate import ToldSuite
from tests.plugins.own_cases import OwnCases
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
    assert "/samples?id=smp_1" in one, "a community's own case can be looked at"
    assert "your own cases" in one
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


RULE = "# Refunds\n\n1.1 Refunds are paid in seven days.\n"
STAGED = "/v1/documents/refunds"


def as_file(text: str) -> dict[str, tuple[str, bytes, str]]:
    return {"file": ("refunds.md", text.encode(), "text/markdown")}


@pytest.fixture
async def strict(shut: Application, own_cases: OwnCases) -> Application:
    """A community with one rule, and cases that can tell whether a change of it is worse."""
    given = Upload("refunds.md", RULE.encode(), "text/markdown")
    await shut.rules.upload("acme", given, by="ann")
    await own_cases([(f"When is it paid, question {n}?", "refunds#1.1") for n in range(4)])
    return shut


async def test_rules_over_the_api_wait_say_why_and_go_live(
    strict: Application, suite: ToldSuite, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    editor = await bearer(Scope.RULES_READ, Scope.RULES_WRITE, Scope.CASES_READ)
    admin = await bearer()
    told = (await web.get(f"/v1/rules-gate{HERE}", headers=editor)).json()
    assert (told["policy"], told["ground"], told["cases"]) == ("required", "cases", 4)
    changed = as_file(RULE.replace("seven", "five"))
    made = await web.post(f"/v1/documents{HERE}", files=changed, headers=editor)
    assert (made.status_code, made.json()["document"]["status"]) == (201, "staged")
    assert "4 test cases" in made.json()["gate"]["why"]
    assert "seven" in (await web.get(f"{STAGED}{HERE}", headers=editor)).text
    publish = f"{STAGED}/publish{HERE}"
    refused = await web.post(publish, json={}, headers=editor)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_compared")
    wanted = {"kind": "rules", "community": "acme", "name": "refunds"}
    asked = await web.post("/v1/evaluations", json=wanted, headers=editor)
    assert asked.json()["id"] == made.json()["evaluation"]
    suite.verdicts = [EvaluationVerdict.PASS]
    await strict.evaluations.run(asked.json()["id"])
    assert (await web.post(publish, json={}, headers=editor)).json()["status"] == "live"
    assert (await web.post(publish, json={}, headers=editor)).status_code == 404
    again = as_file(RULE.replace("seven", "two"))
    reason = {"override": "旧规则里的电话已经停用，等不及比对"}
    path = f"/v1/documents{HERE}"
    assert (await web.post(path, files=again, data=reason, headers=editor)).status_code == 403
    at_once = await web.post(path, files=again, data=reason, headers=admin)
    assert at_once.json()["document"]["status"] == "live"
    shown = (await web.get(f"/v1/promotions{HERE}&kind=rules", headers=editor)).json()["items"]
    assert [one["basis"] for one in shown] == ["override", "pass", "first"]
    assert (await web.delete(f"{STAGED}{HERE}", headers=editor)).status_code == 409
    assert (await web.delete(f"{STAGED}/staged{HERE}", headers=editor)).status_code == 404
    nothing = {"kind": "rules", "community": "acme", "retire": "refunds"}
    assert (await web.post("/v1/evaluations", json=nothing, headers=editor)).status_code == 422
    gone = await web.delete(STAGED, params=reason | {"community": "acme"}, headers=admin)
    assert gone.status_code == 204


async def test_the_page_of_rules_says_what_waits_and_why(
    strict: Application, suite: ToldSuite, web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await log_in(Role.EDITOR)
    page = (await web.get("/documents")).text
    assert "4 test cases of the community are about these rules" in page
    form = {"csrf": csrf_of(page)}
    sent = await web.post("/documents", data=form, files=as_file(RULE.replace("seven", "five")))
    assert sent.headers["location"] == "/documents?staged=1"
    held = (await web.get("/documents?staged=1")).text
    assert "goes live by itself once it passed" in held
    assert "Waiting to go live (1)" in held
    assert (await web.post("/documents/refunds/publish", data=form)).status_code == 409
    asked = await web.post("/documents/refunds/publish", data=form | {"compare": "1"})
    suite.verdicts = [EvaluationVerdict.FAIL]
    await strict.evaluations.run(asked.headers["location"].rsplit("/", 1)[1])
    forced = form | {"override": "旧规则里的电话已经停用"}
    assert (await web.post("/documents/refunds/publish", data=forced)).status_code == 403
    assert (await web.post("/documents/refunds/retire", data=form)).status_code == 409
    web.cookies.clear()
    await log_in(Role.ADMIN, "ann")
    page = (await web.get("/documents")).text
    forced |= {"csrf": csrf_of(page)}
    assert (await web.post("/documents/refunds/publish", data=forced)).status_code == 303
    after = (await web.get("/documents")).text
    assert "旧规则里的电话已经停用" in after
    assert "Waiting to go live" not in after
    form["csrf"] = forced["csrf"]
    await web.post("/documents", data=form, files=as_file(RULE))
    dropped = await web.post("/documents/refunds/publish", data=form | {"discard": "1"})
    assert dropped.headers["location"] == "/documents"
    assert "Discarded" in (await web.get("/documents")).text
