"""Shares that moved, over the API, on the radar page and from the command line."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from tests.plugins.shares import MOVED, USUAL, Mixed
from tests.plugins.web import KeyMaker, LogIn, csrf_of

HERE = {"community": "acme"}


@pytest.fixture
async def alarm_id(application: Application, mixed: Mixed) -> str:
    """Refunds took over the last two days."""
    await mixed(USUAL, range(2, 32))
    await mixed(MOVED, range(2))
    await application.drift.run("acme")
    (alarm,) = (await application.insights.drift("acme", application.clock.now())).alarms
    return alarm.id


async def test_the_api_tells_what_moved_in_both_languages(
    alarm_id: str, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    headers = await bearer()
    now = (await web.get("/v1/radar/drift", params=HERE, headers=headers)).json()
    assert {one["measure"] for one in now["shifts"]} >= {"category"}
    (told,) = now["alarms"]
    assert told["alarm"]["id"] == alarm_id
    assert "→" in told["reason"]["zh"]
    assert "退款" in told["reason"]["zh"]
    assert told["reason"]["en"].startswith("Categories: ")
    radar = (await web.get("/v1/radar", params=HERE, headers=headers)).json()
    assert [one["id"] for one in radar["drift"]] == [alarm_id]
    listed = (await web.get("/v1/radar/drift/alarms", params=HERE, headers=headers)).json()
    assert listed["items"] == [told]


async def test_closing_takes_the_right_and_happens_once(
    application: Application, alarm_id: str, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    path, body = f"/v1/radar/drift/alarms/{alarm_id}/close", {"note": "大促开始"}
    reader = await bearer(Scope.CASES_READ)
    assert (await web.post(path, json=body, headers=reader)).status_code == 403
    closer = await bearer()
    closed = await web.post(path, json=body, headers=closer)
    assert (closed.status_code, closed.json()["alarm"]["note"]) == (200, "大促开始")
    assert (await web.post(path, json=body, headers=closer)).json() == closed.json()
    assert (await web.post(path, json=body, headers=await bearer())).status_code == 409
    assert (await web.get("/v1/radar", params=HERE, headers=closer)).json()["drift"] == []
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    stranger = await bearer(community="other")
    assert (await web.post(path, json=body, headers=stranger)).status_code == 404


async def test_a_run_can_be_asked_for(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    answer = await web.post("/v1/radar/drift/run", params=HERE, headers=await bearer())
    assert (answer.status_code, answer.json()["job"]) == (202, "drift")


@pytest.mark.parametrize("lang", list(Lang))
async def test_the_page_tells_it_and_a_form_closes_it(
    web: httpx.AsyncClient, log_in: LogIn, alarm_id: str, lang: Lang
) -> None:
    await log_in(Role.MODERATOR, lang=lang)
    page = (await web.get("/radar")).text
    assert 'href="/cases?category=billing_refund"' in page
    assert page.count('<li><a href="/cases/case_') == 20
    form = {"csrf": csrf_of(page), "note": "<b>sale"}
    at = f"/radar/drift/{alarm_id}/close"
    assert (await web.post(at, data=form | {"csrf": "no"})).status_code == 403
    assert (await web.post(at, data=form)).status_code == 303
    again = await web.post(at, data=form)
    assert again.status_code == 303
    assert at not in (await web.get("/radar")).text


async def test_before_there_is_enough_the_page_says_so(
    application: Application, web: httpx.AsyncClient, log_in: LogIn
) -> None:
    await log_in(Role.VIEWER)
    assert "Not compared yet" in (await web.get("/radar")).text
    await application.drift.run("acme")
    assert "Too few cases" in (await web.get("/radar")).text
