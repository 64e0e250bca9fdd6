"""Beside a new brief: what earlier posts reached, hours with most members, topics that grew."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
from bs4 import BeautifulSoup

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.advice import Advice
from service.domain.channel import Channel
from service.domain.post import PostBrief
from service.domain.result import Measured, Metric
from service.domain.triage import Signal, SignalKind
from service.flows.advice import AdviceFlow
from tests.plugins.app import FrozenClock
from tests.plugins.radar import store
from tests.plugins.web import KeyMaker, LogIn, Seed

SHANGHAI = ZoneInfo("Asia/Shanghai")
ACME = {"community": "acme"}


async def advice(application: Application, **more: str) -> Advice:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    return await application.advice.advice(community, **{"kind": "announcement"} | more)


async def told(application: Application, title: str, value: int) -> None:
    brief = PostBrief(title=title, points=("周六停机",))
    request = await application.content.request("acme", brief, "ed")
    one = Measured(metric=Metric.READS, value=value, as_of=application.clock.now(), source="wecom")
    await application.results.record(request.id, [one], "key")


async def weeks(application: Application, clock: FrozenClock, **judged: object) -> None:
    """Six weeks: somebody each day at noon, ten people on Thursdays at eight in the evening."""
    today = datetime.combine(clock.now().astimezone(SHANGHAI).date(), time(), SHANGHAI)
    said = []
    for day in (today - timedelta(days=n) for n in range(1, 43)):
        said += [(f"noon{n}{day.day}", day + timedelta(hours=12, minutes=n)) for n in range(2)]
        if day.weekday() == 3:
            at = day + timedelta(hours=20)
            said += [(f"eve{n}", at + timedelta(minutes=n)) for n in range(10)]
    await store(application, said, **judged)


async def test_medians_say_how_many_posts_are_behind(application: Application) -> None:
    assert (await advice(application)).usual == ()
    for value in (10, 500):
        await told(application, f"停机 {value}", value)
    (few,) = (await advice(application)).usual
    assert (few.posts, few.median) == (2, None)
    await told(application, "停机 30", 30)
    found = await advice(application)
    assert (found.usual[0].posts, found.usual[0].median) == (3, 30)
    assert len(found.outcomes) == 3
    assert (await advice(application, kind="welcome")).outcomes == ()


async def test_the_evening_with_most_members_is_suggested_but_not_in_quiet_hours(
    application: Application, clock: FrozenClock
) -> None:
    assert (await advice(application)).slot.state == "too_few"
    await weeks(application, clock)
    found = (await advice(application)).slot
    assert (found.state, found.weeks, found.people_hours) == ("found", 6, 144)
    best = found.slots[0]
    assert (best.weekday, best.hour, best.mean) == (3, 20, 10)
    assert best.next_at > clock.now()
    async with application.uow() as uow:
        acme = await uow.communities.get("acme")
        assert acme is not None
        night = Channel(name="大群", platform="wechat_group", quiet_from=20, quiet_to=8)
        open_all = Channel(name="论坛", platform="wechat_group")
        changed = acme.model_copy(update={"channels": (night, open_all)})
        await uow.communities.save(changed)
        await uow.commit()
    for channel, hours in (("大群", False), ("论坛", True)):
        slots = (await advice(application, channel=channel)).slot.slots
        assert any(one.hour == 20 for one in slots) is hours
    assert all(one.hour != 20 for one in (await advice(application)).slot.slots)


async def test_noise_replies_are_no_participation(
    application: Application, clock: FrozenClock
) -> None:
    noise = Signal(kind=SignalKind.NOISE, code="ack")
    await weeks(application, clock, signals=(noise,))
    assert (await advice(application)).slot.people_hours == 0


async def test_topics_that_grew_are_linked_above_the_floor(
    application: Application, seed: Seed, keyword_triage: Application, clock: FrozenClock
) -> None:
    await seed(*(f"导出 PDF 之后全是空白页，{n}" for n in range(8)))
    await application.themes.run("acme")
    clock.move(timedelta(days=1))
    (topic, *_) = (await advice(application)).topics
    assert (topic.cases, topic.people, topic.before) == (8, 8, 0)
    assert topic.link == f"/themes/{topic.theme_id}"
    vars(application)["advice"] = AdviceFlow(
        queries=application.queries, figures=application.figures, floor=9, clock=clock
    )
    assert (await advice(application)).topics == ()


async def test_the_page_shows_the_evidence_and_fills_the_time(
    web: httpx.AsyncClient,
    log_in: LogIn,
    bearer: KeyMaker,
    application: Application,
    clock: FrozenClock,
) -> None:
    await log_in(Role.ADMIN)
    assert "What the data says" not in (await web.get("/posts")).text
    empty = (await web.get("/posts?kind=announcement")).text
    assert "Too few observations to say." in empty
    await weeks(application, clock)
    for value in (10, 30, 500):
        await told(application, "<b>停机", value)
    page = await web.get("/posts?kind=announcement")
    assert "&lt;b&gt;停机" in page.text
    shown = BeautifulSoup(page.text, "html.parser").select_one(".advice")
    assert shown is not None
    text = shown.get_text(" ", strip=True)
    assert "144 people-hours in 6 weeks" in text
    assert "correlation" in text
    assert "Reads 30 3" in text
    link = shown.select_one("ol a")
    assert link is not None
    assert link.get_text() == "Thursday 20:00"
    filled = BeautifulSoup((await web.get(str(link["href"]))).text, "html.parser")
    field = filled.select_one("#not_before")
    assert field is not None
    assert str(field["value"]).endswith("T20:00")
    assert (await web.get("/posts?kind=announcement&not_before=<x>")).status_code == 200
    key = await bearer(Scope.POSTS_WRITE)
    asked = ACME | {"kind": "announcement"}
    found = (await web.get("/v1/posts/suggestions", params=asked, headers=key)).json()
    assert found["slot"]["slots"][0]["weekday"] == 3
    assert found["usual"] == [{"metric": "reads", "posts": 3, "median": 30.0}]
