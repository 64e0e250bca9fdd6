"""Routing, rehearsals and deadlines over the API."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx

from service.bootstrap import Application
from service.domain.account import Role, Scope
from tests.plugins.app import FrozenClock
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

RULES = {
    "rules": [
        {
            "id": "refunds",
            "when": {"keywords": ["退款", "refund"]},
            "then": {"department": "legal", "sla_hours": 2},
        }
    ],
    "default_queue": {"department": "operations"},
}
AT = "/v1/routing?community=acme"


async def test_ops_put_rehearse_and_activate(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, application: Application
) -> None:
    await seed("我要退款", "又闪退了")
    key = await bearer(Scope.ROUTING_WRITE, Scope.CASES_READ)
    stored = await web.put(AT, json=RULES, headers=key)
    assert (stored.status_code, stored.json()["version"]) == (200, 1)
    asked = await web.post(
        "/v1/routing/1/rehearsals?community=acme", json={"days": 30}, headers=key
    )
    assert (asked.status_code, asked.json()["status"]) == (202, "queued")
    report_id = asked.json()["id"]
    await application.rehearse.run(report_id)
    report = (await web.get(f"/v1/reports/{report_id}", headers=key)).json()
    assert report["summary"]["flips"] == 2
    first = (await web.get(f"/v1/reports/{report_id}/flips?limit=1", headers=key)).json()
    rest = (
        await web.get(f"/v1/reports/{report_id}/flips?cursor={first['cursor']}", headers=key)
    ).json()
    assert [one["number"] for one in first["items"] + rest["items"]] == [1, 2]
    listed = await web.get("/v1/reports?community=acme&kind=routing", headers=key)
    assert [one["id"] for one in listed.json()["items"]] == [report_id]
    path = "/v1/routing/1/activate?community=acme"
    early = await web.post(path, json={"hash": "0" * 64}, headers=key)
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    done = await web.post(path, json={"hash": report["hash"]}, headers=key)
    assert done.status_code == 200
    assert (await web.get(AT, headers=key)).json()["active"] == 1
    assert (await web.get("/v1/routing/1?community=acme", headers=key)).json() == stored.json()
    assert (await web.get("/v1/routing/2?community=acme", headers=key)).status_code == 404


async def test_rules_that_cannot_be_read_are_refused(
    web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    key = await bearer(Scope.ROUTING_WRITE)
    for rules in (
        [{"id": "a", "then": {}}],
        [{"id": "a", "when": {"pattern": ".*"}, "then": {"department": "legal"}}],
        [{"id": "a", "when": {"categories": ["nonsense"]}, "then": {"department": "legal"}}],
        [{"id": "a", "then": {"department": "legal"}}] * 2,
    ):
        answer = await web.put(AT, json={"rules": rules}, headers=key)
        assert answer.status_code == 422, rules
    reader = await bearer(Scope.CASES_READ)
    assert (await web.put(AT, json=RULES, headers=reader)).status_code == 403


async def test_an_engine_is_rehearsed_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, application: Application
) -> None:
    key = await bearer(Scope.EXAMPLES_WRITE, Scope.CASES_READ)
    body = {"community": "acme", "days": 7, "threshold": 0.4}
    body |= {"terms": [{"phrase": "拉横幅", "floor": 4}]}
    asked = await web.post("/v1/shadow", json=body, headers=key)
    assert (asked.status_code, asked.json()["kind"]) == (202, "shadow")
    (term,) = asked.json()["subject"]["candidate"]["terms"]
    assert (term["phrase"], term["floor"]) == ("拉横幅", 4)
    broken = await web.post("/v1/shadow", json=body | {"taxonomy": "x ["}, headers=key)
    assert broken.status_code == 422
    foreign = await bearer(Scope.EXAMPLES_WRITE, Scope.CASES_READ, community="acme")
    assert (await web.get(f"/v1/reports/{asked.json()['id']}", headers=foreign)).status_code == 200
    assert (await web.get("/v1/reports/rep_none", headers=key)).status_code == 404


async def test_late_cases_are_listed(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, application: Application,
    clock: FrozenClock,
) -> None:  # fmt: skip
    await seed("又闪退了")
    clock.move(timedelta(days=1))
    await application.deadlines.sweep()
    key = await bearer(Scope.CASES_READ)
    late = await web.get("/v1/cases?community=acme&sla=breached", headers=key)
    assert len(late.json()["items"]) == 1
    assert (await web.get("/v1/cases?community=acme&sla=near", headers=key)).json()["items"] == []
    assert (await web.get("/v1/cases?community=acme&sla=x", headers=key)).status_code == 422
    recorded = await web.get("/v1/deadlines?community=acme&kind=breached", headers=key)
    assert recorded.json()["items"][0]["case_id"] == late.json()["items"][0]["case_id"]
    told = (await web.get("/v1/notices?community=acme&kind=deadline", headers=key)).json()["items"]
    assert [one["status"] for one in told] == ["held"], "no address is set"
    assert told[0]["breaches"][0]["case_id"] == late.json()["items"][0]["case_id"]
    none = await web.get("/v1/notices?community=acme&kind=incident", headers=key)
    assert none.json()["items"] == []


async def test_an_editor_routes_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application, clock: FrozenClock
) -> None:
    await seed("我要退款", "又闪退了")
    await log_in(Role.EDITOR)
    page = (await web.get("/routing")).text
    assert "No rules decide" in page
    csrf = csrf_of(page)
    bad = await web.post("/routing", data={"csrf": csrf, "rules": '{"rules": [{"id": "<b>"}]}'})
    assert bad.status_code == 422
    assert "&lt;b&gt;" in bad.text
    assert "<b>&#34;" not in bad.text
    rules = {"csrf": csrf, "rules": json.dumps(RULES)}
    assert (await web.post("/routing", data=rules)).status_code == 303
    asked = await web.post("/routing/1/rehearse", data={"csrf": csrf})
    report = asked.headers["location"]
    assert "Not finished yet" in (await web.get(report)).text
    await application.rehearse.run(report.rsplit("/", 1)[1])
    shown = (await web.get(report)).text
    assert "2 of 2 cases would change" in shown
    assert "我要退款" in shown
    digest = shown.split('name="hash" value="')[1].split('"')[0]
    refused = await web.post("/routing/1/activate", data={"csrf": csrf, "hash": "0"})
    assert refused.status_code == 409
    done = await web.post("/routing/1/activate", data={"csrf": csrf, "hash": digest})
    assert done.status_code == 303
    page = (await web.get("/routing")).text
    for words in ("Version 1 decides", "keyword: 退款, refund", "Operations"):
        assert words in page
    clock.move(timedelta(hours=10))
    await application.deadlines.sweep()
    await log_in(Role.EDITOR, "li")
    assert "2 past due" in (await web.get("/queue")).text
    assert (await web.get("/cases?sla=breached")).text.count('<li class="row') == 2
    page = (await web.get("/routing")).text
    assert "Past due" in page
    assert "又闪退了" in page


async def test_what_a_key_stored_carries_the_name_of_the_key(
    web: httpx.AsyncClient, bearer: KeyMaker, log_in: LogIn, application: Application
) -> None:
    key = await bearer(Scope.ROUTING_WRITE)
    stored = (await web.put(AT, json=RULES, headers=key)).json()
    (named,) = [one for one in await application.accounts.keys() if one.id == stored["created_by"]]
    await log_in(Role.VIEWER)
    page = (await web.get("/routing")).text
    assert f"{named.name} (API)" in page
    assert named.id not in page


async def test_moderators_read_routing_and_do_not_change_it(
    web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await log_in(Role.MODERATOR)
    page = (await web.get("/routing")).text
    assert "<textarea" not in page
    form = {"csrf": csrf_of(page), "rules": "{}"}
    assert (await web.post("/routing", data=form)).status_code == 403
    assert (await web.get("/reports/rep_none")).status_code == 404
