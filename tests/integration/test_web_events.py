"""Events by API and page, and facts on demand."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Lang
from tests.plugins.web import KeyMaker, LogIn, csrf_of

EVENT = {
    "name": "读书夜",
    "start": "2026-03-20T19:00:00+08:00",
    "end": "2026-03-20T21:00:00+08:00",
    "registered": 20,
}
FORM = {
    "name": "读书夜",
    "start": "2026-03-20T19:00",
    "end": "2026-03-20T21:00",
    "registered": "20",
}


async def test_an_event_by_api(web: httpx.AsyncClient, bearer: KeyMaker) -> None:
    headers = await bearer(Scope.POSTS_WRITE, Scope.CASES_READ)
    body = {"community": "acme", "event": EVENT}
    made = await web.post("/v1/events", json=body, headers=headers)
    assert made.status_code == 201
    event_id = made.json()["id"]
    changed = await web.put(
        f"/v1/events/{event_id}", json={"event": EVENT | {"attended": 12}}, headers=headers
    )
    assert changed.json()["details"]["attended"] == 12
    listed = await web.get("/v1/events?community=acme", headers=headers)
    assert [one["id"] for one in listed.json()["items"]] == [event_id]
    read = await web.get(f"/v1/events/{event_id}", headers=headers)
    assert read.json()["details"]["attended"] == 12


async def test_who_may_not(web: httpx.AsyncClient, bearer: KeyMaker) -> None:
    headers = await bearer(Scope.CASES_READ)
    body = {"community": "acme", "event": EVENT}
    assert (await web.post("/v1/events", json=body, headers=headers)).status_code == 403
    assert (await web.get("/v1/events/event_none", headers=headers)).status_code == 404
    wrong = {"community": "acme", "event": EVENT | {"end": EVENT["start"]}}
    editor = await bearer(Scope.POSTS_WRITE)
    assert (await web.post("/v1/events", json=wrong, headers=editor)).status_code == 422


async def test_facts_on_demand(web: httpx.AsyncClient, bearer: KeyMaker) -> None:
    headers = await bearer(Scope.POSTS_WRITE, Scope.CASES_READ)
    body = {"community": "acme", "event": EVENT}
    event_id = (await web.post("/v1/events", json=body, headers=headers)).json()["id"]
    asked = f"/v1/facts?community=acme&group=hypotheses&subject={event_id}&lang=en"
    found = (await web.get(asked, headers=headers)).json()
    verdicts = {one["id"]: one["verdict"] for one in found["facts"] if one["verdict"]}
    assert verdicts["hypotheses.show_up"] == "untested"
    assert "activity" in found["groups"]
    table = await web.get(asked + "&format=csv", headers=headers)
    assert "hypotheses.show_up" in table.text
    for wrong in ("group=moon", "group=activity&start=9999-12-31T00:00:00Z"):
        answer = await web.get(f"/v1/facts?community=acme&{wrong}", headers=headers)
        assert answer.status_code == 422


@pytest.mark.parametrize("lang", list(Lang))
async def test_an_event_by_page(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, lang: Lang
) -> None:
    await log_in(Role.EDITOR, lang=lang)
    form = FORM | {"csrf": csrf_of((await web.get("/events")).text)}
    made = await web.post("/events", data=form)
    assert made.status_code == 303
    where = made.headers["location"]
    page = (await web.get(where)).text
    assert {"zh": "没有数据", "en": "No data"}[lang.value] in page
    assert 'id="fact-hypotheses.lead_time"' in page
    assert 'value="2026-03-20T19:00"' in page
    saved = await web.post(where, data=form | {"announced_at": "2026-03-15T19:00"})
    assert saved.status_code == 303
    async with application.uow() as uow:
        event = await uow.events.get(where.rpartition("/")[2])
    assert event is not None
    assert event.details.announced_at == event.start - timedelta(days=5)
    assert "读书夜" in (await web.get("/events")).text


async def test_a_wrong_form_is_kept_and_explained(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in(Role.EDITOR)
    token = csrf_of((await web.get("/events")).text)
    for wrong in ({"end": "2026-03-20T18:00"}, {"start": "soon"}, {"attended": "many"}):
        answer = await web.post("/events", data=FORM | wrong | {"csrf": token})
        assert answer.status_code == 422
        assert 'value="读书夜"' in answer.text


async def test_a_viewer_reads_only(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in(Role.VIEWER)
    page = (await web.get("/events")).text
    assert "New event" not in page
