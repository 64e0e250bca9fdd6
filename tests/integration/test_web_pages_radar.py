"""The radar and trends pages: levels, charts, incidents with their forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from tests.plugins.app import FrozenClock
from tests.plugins.radar import Crowd, Weeks, store
from tests.plugins.web import LogIn, csrf_of


@pytest.fixture
async def incident_id(application: Application, weeks: Weeks, crowd: Crowd) -> str:
    """An incident of 24 people."""
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    async with application.engine.connect() as connection:
        return str(await connection.scalar(text("SELECT id FROM incidents")))


async def test_before_the_first_run_the_page_says_so(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in()
    page = await web.get("/radar")
    assert page.status_code == 200
    assert "Not counted yet" in page.text
    assert "Everything is as usual" not in page.text


async def test_the_radar_draws_what_stands_out(
    web: httpx.AsyncClient, log_in: LogIn, incident_id: str
) -> None:
    await log_in()
    page = (await web.get("/radar")).text
    assert "Crisis" in page
    assert "Billing" in page
    assert f"/radar/{incident_id}" in page
    assert page.count('<path class="edge" d="M0,') >= 3


async def test_nothing_is_called_as_usual_while_an_incident_is_unclosed(
    web: httpx.AsyncClient,
    log_in: LogIn,
    application: Application,
    clock: FrozenClock,
    incident_id: str,
) -> None:
    clock.move(timedelta(hours=3))
    await application.radar.run("acme")
    await log_in(Role.MODERATOR)
    assert "Everything is as usual" not in (await web.get("/radar")).text
    at = f"/radar/{incident_id}"
    form = {"csrf": csrf_of((await web.get(at)).text)}
    for step in ("acknowledge", "close"):
        assert (await web.post(f"{at}/{step}", data=form)).status_code == 303
    assert "Everything is as usual" in (await web.get("/radar")).text


@pytest.mark.parametrize("lang", list(Lang))
async def test_an_incident_is_acknowledged_noted_and_closed_by_forms(
    web: httpx.AsyncClient, log_in: LogIn, incident_id: str, lang: Lang
) -> None:
    await log_in(Role.MODERATOR, lang=lang)
    at = f"/radar/{incident_id}"
    form = {"csrf": csrf_of((await web.get(at)).text)}
    early = await web.post(f"{at}/close", data=form)
    assert early.status_code == 409
    assert (await web.post(f"{at}/acknowledge", data=form)).status_code == 303
    assert (await web.post(f"{at}/note", data=form | {"note": "<i>on it"})).status_code == 303
    assert (await web.post(f"{at}/close", data=form)).status_code == 303
    page = (await web.get(at)).text
    assert "&lt;i&gt;on it" in page
    assert f"{at}/acknowledge" not in page
    assert "wen" in page


async def test_a_form_needs_its_token_and_role(
    web: httpx.AsyncClient, log_in: LogIn, incident_id: str
) -> None:
    await log_in(Role.VIEWER)
    at = f"/radar/{incident_id}"
    page = (await web.get(at)).text
    assert "/acknowledge" not in page
    refused = await web.post(f"{at}/acknowledge", data={"csrf": csrf_of(page)})
    assert refused.status_code == 403
    assert (await web.post(f"{at}/holding", data={"csrf": csrf_of(page)})).status_code == 403
    assert (await web.get(f"{at}/export")).headers["content-disposition"].endswith('.md"')


async def test_a_holding_statement_is_asked_for_and_linked(
    web: httpx.AsyncClient, log_in: LogIn, incident_id: str
) -> None:
    await log_in(Role.EDITOR)
    at = f"/radar/{incident_id}"
    form = {"csrf": csrf_of((await web.get(at)).text)}
    assert (await web.post(f"{at}/holding", data=form)).status_code == 303
    page = (await web.get(at)).text
    assert "/posts/post_" in page


@pytest.mark.parametrize(
    "asked",
    ["", "?group=category", "?group=sentiment&bucket=week", "?metric=messages&bucket=hour",
     "?group=theme", "?since=nonsense&bucket=never", "?group=department"],
)  # fmt: skip
async def test_trends_are_drawn(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, clock: Any, asked: str
) -> None:
    await store(application, [("ann", clock.now() - timedelta(hours=1))], category="complaint")
    await application.radar.run("acme")
    await log_in()
    page = await web.get(f"/trends{asked}")
    assert page.status_code == 200
    drawn = '<path class="edge"' in page.text
    assert drawn == ("theme" not in asked)
    assert "Members who wrote" in page.text


async def test_a_range_that_is_too_long_is_explained(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in()
    page = await web.get("/trends?bucket=hour&since=2019-01-01")
    assert page.status_code == 422
    assert "Something needs correcting" in page.text


async def test_trends_download_as_csv(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, clock: Any
) -> None:
    await store(application, [("ann", clock.now() - timedelta(hours=1))], category="complaint")
    await application.radar.run("acme")
    await log_in()
    table = await web.get("/trends?group=category&format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "complaint,1" in table.text
