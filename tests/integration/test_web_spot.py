"""Spot checks over the API and on the page: drawn, judged, and how sure that is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.flows.spot import SpotFlow, SpotRules
from tests.plugins.app import FrozenClock
from tests.plugins.web import KeyMaker, LogIn, Seed

PATH = "/v1/quality/spot-checks"
HERE = {"community": "acme"}
TRIAGE = HERE | {"rubric": "triage"}


@pytest.fixture
async def drawn(application: Application, seed: Seed, rules: None, clock: FrozenClock) -> None:
    """A day with two triages and two drafts, all of them drawn."""
    await seed("我要退款", "闪退了")
    clock.move(timedelta(hours=16))
    spot = SpotFlow(uow=application.uow, rules=SpotRules(1.0, 20), clock=clock, ids=application.ids)
    await spot.run("acme")


async def listed(web: httpx.AsyncClient, key: dict[str, str], **asked: str) -> dict[str, Any]:
    answer = await web.get(PATH, params=HERE | asked, headers=key)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.usefixtures("drawn")
async def test_what_people_say_of_drawn_triages_becomes_a_figure(
    web: httpx.AsyncClient, bearer: KeyMaker
) -> None:
    key = await bearer(Scope.REVIEW, Scope.CASES_READ)
    before = await listed(web, key)
    assert before["frames"] == [
        {"about": "reply", "made": 2, "drawn": 2},
        {"about": "triage", "made": 2, "drawn": 2},
    ]
    assert [(one["rubric"], one["drawn"], one["judged"]) for one in before["items"]] == [
        ("grounded", 2, 0), ("answers", 2, 0), ("triage", 2, 0),
    ]  # fmt: skip
    assert {one["passed"]["value"] for one in before["items"]} == {None}
    for value in (1, 2):
        work = (await web.post("/v1/labels/next", json=TRIAGE, headers=key)).json()["work"]
        assert set(work) == {"item_id", "rubric", "lang", "material"}
        said = await web.put(
            f"/v1/labels/items/{work['item_id']}", json={"value": value}, headers=key
        )
        assert said.status_code == 200, said.text
    triage = (await listed(web, key))["items"][-1]
    assert (triage["judged"], triage["few"], triage["passed"]["value"]) == (2, True, 0.5)
    assert 0 < triage["passed"]["low"] < 0.5 < triage["passed"]["high"] < 1
    split = (await listed(web, key, by="version"))["items"]
    assert {one["origin"] for one in split} == {"template", None}
    export = await web.get("/v1/labels/export", params=HERE, headers=await bearer())
    assert "triage:" in export.text


@pytest.mark.usefixtures("drawn")
async def test_another_community_sees_nothing_of_it(
    web: httpx.AsyncClient, bearer: KeyMaker, application: Application
) -> None:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    stranger = await bearer(community="other")
    answer = await web.get(PATH, params=HERE, headers=stranger)
    assert answer.status_code == 403
    own = await web.get(PATH, params={"community": "other"}, headers=stranger)
    assert own.json() == {"frames": [], "items": []}


@pytest.mark.parametrize(
    ("lang", "frame", "rater", "categories"),
    [
        (Lang.EN, "Triages: 2 drawn of 2", "<td>People</td>", "Categories there are"),
        (Lang.ZH, "分拣：2 条中抽取 2 条", "<td>人</td>", "可选的类别"),
    ],
)
async def test_the_page_shows_it_and_a_triage_is_judged_there(
    web: httpx.AsyncClient,
    log_in: LogIn,
    drawn: None,
    lang: Lang,
    frame: str,
    rater: str,
    categories: str,
) -> None:
    await log_in(Role.MODERATOR, lang=lang)
    overview = (await web.get("/labels")).text
    assert frame in overview
    assert overview.count(rater) == 3, "a row of each rubric"
    assert 'action="/labels/triage/draw"' not in overview
    assert "<code>" not in overview.split('id="spot"')[1]
    split = (await web.get("/labels?versions=1")).text.split('id="spot"')[1]
    assert split.count('<span class="tag">') == 2, "a row of each rubric"
    page = (await web.get("/labels/triage")).text
    assert categories in page
    assert "类别：" in page


async def test_days_on_which_nothing_was_made_are_not_told_as_draws(
    web: httpx.AsyncClient, log_in: LogIn, application: Application, clock: FrozenClock
) -> None:
    spot = SpotFlow(uow=application.uow, rules=SpotRules(1.0, 20), clock=clock, ids=application.ids)
    assert await spot.run("acme")
    await log_in(Role.MODERATOR, lang=Lang.EN)
    section = (await web.get("/labels")).text.split('id="spot"')[1]
    assert "Nothing was drawn yet." in section
    assert "0 drawn of 0" not in section
