"""Replays over the API and on the pages."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.evaluation import SubjectKind
from tests.plugins.web import RULES, KeyMaker, LogIn, Seed, csrf_of

TERMS = {"kind": "bank", "community": "acme", "terms": [{"phrase": "拉横幅", "floor": 4}]}
DOCUMENT = {"kind": "rules", "community": "acme", "name": "membership"}


@pytest.fixture
async def cases(seed: Seed, rules: None) -> list[str]:
    return await seed("下午一起去门口拉横幅 <b>", "我要退款，怎么申请？")


async def test_a_replay_is_asked_for_carried_out_and_read(
    keyword_triage: Application, cases: list[str], web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    key = await bearer(Scope.BANK_WRITE, Scope.CASES_READ)
    asked = await web.post("/v1/previews", json=TERMS | {"days": 7}, headers=key)
    assert (asked.status_code, asked.json()["status"]) == (202, "queued"), asked.text
    again = await web.post("/v1/previews", json=TERMS | {"days": 7}, headers=key)
    assert again.json() == asked.json()
    await keyword_triage.previews.run(asked.json()["id"])
    path = asked.headers["location"]
    detail = (await web.get(path, headers=key)).json()
    findings = detail["preview"]["findings"]
    assert (findings["cases"], findings["flips"], findings["after"]["urgent"]) == (2, 1, 1)
    (shown,) = detail["flips"]["items"]
    assert {"severity_up", "hit_added", "reply_refused"} <= set(shown["flip"]["kinds"])
    assert shown["excerpt"].startswith("下午一起去门口拉横幅")
    none = (await web.get(f"{path}?kind=danger_down", headers=key)).json()
    assert none["flips"] == {"items": [], "cursor": None}
    listed = (await web.get("/v1/previews?community=acme&kind=bank", headers=key)).json()
    assert [one["id"] for one in listed["items"]] == [asked.json()["id"]]
    unread = await web.get(f"{path}?cursor=x", headers=key)
    assert unread.status_code == 422


async def test_documents_are_replayed_by_their_text(
    keyword_triage: Application, cases: list[str], web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    key = await bearer(Scope.RULES_WRITE, Scope.CASES_READ)
    changed = DOCUMENT | {"content": RULES.replace("七天", "十五天")}
    for body in (changed, DOCUMENT | {"retire": "membership"}):
        asked = await web.post("/v1/previews", json=body, headers=key)
        assert asked.status_code == 202, asked.text
        done = await keyword_triage.previews.run(asked.json()["id"])
        assert done.findings is not None, done.failure
    same = await web.post("/v1/previews", json=DOCUMENT | {"content": RULES}, headers=key)
    assert same.status_code == 422
    async with keyword_triage.uow() as uow:
        (live,) = await uow.documents.list("acme")
    assert live.version == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (TERMS | {"community": "nowhere"}, 404),
        (TERMS | {"days": 31}, 422),
        (TERMS | {"terms": []}, 422),
        (DOCUMENT, 404),
        (DOCUMENT | {"name": ""}, 422),
        (DOCUMENT | {"retire": "nothing"}, 404),
        ({"kind": "prompt", "community": "acme", "name": "reply/grounded.zh", "version": 9}, 404),
        ({"kind": "taxonomy", "community": "acme", "content": "no ["}, 422),
        ({"kind": "thresholds", "community": "acme"}, 409),
    ],
)
async def test_what_cannot_be_replayed_is_said(
    keyword_triage: Application, web: httpx.AsyncClient, bearer: KeyMaker,
    body: dict[str, object], status: int,
) -> None:  # fmt: skip
    answer = await web.post("/v1/previews", json=body, headers=await bearer())
    assert answer.status_code == status, answer.text


async def test_a_community_sees_its_own_and_scopes_hold(
    keyword_triage: Application, cases: list[str], web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    async with keyword_triage.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    made = await web.post("/v1/previews", json=TERMS, headers=await bearer())
    elsewhere = await bearer(Scope.BANK_WRITE, Scope.CASES_READ, community="other")
    assert (await web.get(made.headers["location"], headers=elsewhere)).status_code == 404
    assert (await web.post("/v1/previews", json=TERMS, headers=elsewhere)).status_code == 403
    reading = await bearer(Scope.CASES_READ)
    assert (await web.post("/v1/previews", json=TERMS, headers=reading)).status_code == 403
    assert (await web.get("/v1/previews/prv_none", headers=reading)).status_code == 404


@pytest.mark.parametrize("lang", list(Lang))
async def test_the_page_lists_flips_and_their_cost(
    keyword_triage: Application, cases: list[str], web: httpx.AsyncClient, log_in: LogIn, lang: Lang
) -> None:
    await log_in(Role.ADMIN, lang=lang)
    form = {"csrf": csrf_of((await web.get("/bank")).text), "phrases": "拉横幅"}
    form |= {"kind": "severity", "floor": "4", "code": "mob", "preview": "1", "days": "7"}
    asked = await web.post("/bank", data=form)
    assert asked.status_code == 303, asked.text
    path = asked.headers["location"]
    waiting = (await web.get(path)).text
    assert {Lang.ZH: "正在排队", Lang.EN: "Queued"}[lang] in waiting
    await keyword_triage.previews.run(path.rsplit("/", 1)[1])
    page = (await web.get(path)).text
    assert {Lang.ZH: "严重度上升", Lang.EN: "Severity rises"}[lang] in page
    assert "&lt;b&gt;" in page
    assert "severity:mob" in page
    assert "下午一起去门口拉横幅" in page
    for listing in ("/previews", "/evaluations", "/previews?kind=bank"):
        assert path in (await web.get(listing)).text
    assert path not in (await web.get("/previews?kind=rules")).text
    only = (await web.get(f"{path}?kind=hit_added")).text
    assert "下午一起去门口拉横幅" in only
    assert "下午一起去门口拉横幅" not in (await web.get(f"{path}?kind=danger_down")).text


async def test_pages_offer_replays_of_documents_comparisons_and_taxonomies(
    keyword_triage: Application, cases: list[str], web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await keyword_triage.in_force.take_up()
    await log_in(Role.ADMIN)
    token = {"csrf": csrf_of((await web.get("/documents")).text), "days": "3"}
    without = await web.post("/documents/membership/retire", data=token | {"preview": "1"})
    assert without.headers["location"].startswith("/previews/")
    file = {"file": ("membership.md", RULES.replace("七天", "八天").encode(), "text/markdown")}
    new = await web.post("/documents", data=token | {"preview": "1"}, files=file)
    assert new.headers["location"].startswith("/previews/")
    taxonomy = token | {"kind": "thresholds", "content": '{"rule_confidence": 0.9}'}
    asked = await web.post("/previews", data=taxonomy)
    assert asked.status_code == 303, asked.text
    limits = SubjectKind.THRESHOLDS, '{"rule_confidence": 0.9}'
    trial = await keyword_triage.in_force.trial(*limits)
    compared = await keyword_triage.evaluations.request(trial, by="ann")
    page = f"/evaluations/{compared.evaluation.id}"
    assert asked.headers["location"] in (await web.get(page)).text
    again = await web.post("/previews", data=token | {"evaluation": compared.evaluation.id})
    assert again.headers["location"] == asked.headers["location"]  # it waits
    for wrong, status in (
        ({"kind": "rules"}, 422),
        ({"kind": "taxonomy", "content": "no ["}, 422),
        (taxonomy | {"days": "0"}, 422),
        (taxonomy | {"days": "七"}, 422),
        ({"evaluation": "evl_none"}, 404),
    ):
        answer = await web.post("/previews", data=token | wrong)
        assert answer.status_code == status, wrong


async def test_who_only_reads_starts_nothing(
    keyword_triage: Application, cases: list[str], web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await log_in(Role.VIEWER)
    page = (await web.get("/previews")).text
    assert '<form class="sheet' not in page
    token = {"csrf": csrf_of((await web.get("/queue")).text)}
    refused = await web.post("/previews", data=token | {"kind": "thresholds"})
    assert refused.status_code == 403
