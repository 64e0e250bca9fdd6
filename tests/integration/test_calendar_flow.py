"""Series make each post once, in time; posts move or are called off until they leave."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.calendar import Entry, Period, Repeat, SeriesPlan
from service.domain.channel import Channel
from service.domain.delivery import OutboxEntry, OutboxStatus
from service.domain.post import PostBrief
from service.domain.review import Verdict
from service.errors import Conflict, InvalidInput
from service.flows.review import Ruling
from tests.plugins.app import FrozenClock
from tests.plugins.web import KeyMaker, LogIn, csrf_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
ACME = {"community": "acme"}
BRIEF = PostBrief(kind="announcement", title="停机维护", points=("周六 02:00 停机",))


def plan(clock: FrozenClock, **more: object) -> SeriesPlan:
    """A weekly post, the first in two days at ten."""
    first = (clock.now().astimezone(SHANGHAI) + timedelta(days=2)).replace(hour=10, minute=0)
    given = {"brief": BRIEF, "repeat": Repeat(), "first": first.replace(tzinfo=None)}
    return SeriesPlan.model_validate(given | more)


async def entries(application: Application, days: int = 21) -> tuple[Entry, ...]:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    now = application.clock.now()
    return await application.calendar.view(
        community, now - timedelta(days=1), now + timedelta(days=days)
    )


async def channels(application: Application, *given: Channel) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        await uow.communities.save(community.model_copy(update={"channels": given}))
        await uow.commit()


async def post(application: Application, **more: object) -> str:
    """A drafted post; its request's id."""
    brief = BRIEF.model_copy(update=more)
    request = await application.content.request("acme", brief, "ed")
    await application.content.draft_due(request.id)
    return request.id


async def approve(application: Application, request_id: str) -> OutboxEntry:
    (task_id,) = (await application.queries.tasks_of_post(request_id)).values()
    view = await application.queries.task(task_id)
    assert view is not None
    ruling = Ruling(Verdict.APPROVE, view.revisions[-1].hash, acknowledge=True)
    decision = await application.review.decide(task_id, "ann", ruling)
    async with application.uow() as uow:
        entry = await uow.outbox.for_decision(decision.id)
    assert entry is not None
    return entry


async def test_a_series_makes_each_post_once(application: Application, clock: FrozenClock) -> None:
    series = await application.calendar.plan("acme", plan(clock), "ed")
    assert await application.calendar.sweep() == 0
    assert [one.state for one in await entries(application)] == ["planned"] * 3
    clock.move(timedelta(days=1, hours=12))
    made = await asyncio.gather(application.calendar.sweep(), application.calendar.sweep())
    assert sum(made) == 1
    assert await application.calendar.sweep() == 0
    first, *later = await entries(application)
    assert (first.state, first.series_id) == ("drafting", series.id)
    assert {one.state for one in later} == {"planned"}
    await application.content.draft_due(first.post_request_id or "")
    assert (await entries(application))[0].state == "review"
    await application.calendar.end(series.id, "ed")
    assert [one.state for one in await entries(application)] == ["review"]
    assert (await application.calendar.end(series.id, "bo")).ended_by == "ed"


async def test_a_long_stop_makes_no_pile_of_old_posts(
    application: Application, clock: FrozenClock
) -> None:
    await application.calendar.plan("acme", plan(clock, lead_hours=0), "ed")
    clock.move(timedelta(days=33))
    assert await application.calendar.sweep() == 0


async def test_a_series_must_fit_its_kind(application: Application, clock: FrozenClock) -> None:
    report = PostBrief(kind="weekly_report", title="周报")
    with pytest.raises(InvalidInput):
        await application.calendar.plan("acme", plan(clock, brief=report), "ed")
    weekly = plan(clock, brief=report, period=Period.WEEK)
    await application.calendar.plan("acme", weekly, "ed")
    clock.move(timedelta(days=2))
    assert await application.calendar.sweep() == 1
    async with application.uow() as uow:
        request = await uow.posts.get((await entries(application))[0].post_request_id or "")
    assert request is not None
    assert request.brief.start is not None
    assert request.brief.end is not None
    assert request.brief.end - request.brief.start == timedelta(days=7)


async def test_a_post_leaves_at_the_time_it_was_moved_to(
    application: Application, clock: FrozenClock
) -> None:
    late, later = clock.now() + timedelta(days=1), clock.now() + timedelta(days=3)
    request_id = await post(application, not_before=late)
    await application.calendar.move(request_id, later, "ed", "等版本")
    entry = await approve(application, request_id)
    assert entry.not_before == later
    sooner = clock.now() + timedelta(hours=5)
    await application.calendar.move(request_id, sooner, "ed")
    (one,) = await entries(application)
    assert (one.at, one.state) == (sooner, "approved")
    with pytest.raises(InvalidInput, match="past"):
        await application.calendar.move(request_id, clock.now() - timedelta(hours=1), "ed")


async def test_a_called_off_post_never_leaves(application: Application, clock: FrozenClock) -> None:
    open_one, approved = await post(application), await post(application)
    entry = await approve(application, approved)
    for request_id in (open_one, approved):
        await application.calendar.move(request_id, None, "ed", "取消")
    async with application.uow() as uow:
        stored = await uow.outbox.get(entry.id)
    assert stored is not None
    assert stored.status is OutboxStatus.CANCELLED
    assert {one.state for one in await entries(application)} == {"cancelled"}
    assert (await application.queries.queue("acme")).items == ()


async def test_what_left_stays(application: Application, clock: FrozenClock) -> None:
    request_id = await post(application)
    entry = await approve(application, request_id)
    async with application.uow() as uow:
        gone = entry.model_copy(update={"status": OutboxStatus.DELIVERED})
        await uow.outbox.save(gone)
        await uow.commit()
    with pytest.raises(Conflict, match="left already"):
        await application.calendar.move(request_id, None, "ed")


async def test_a_channel_without_an_interface_is_posted_by_hand(
    application: Application, clock: FrozenClock
) -> None:
    await channels(application, Channel(name="大群", platform="wechat_group"))
    request_id = await post(
        application, channel="大群", not_before=clock.now() + timedelta(hours=2)
    )
    entry = await approve(application, request_id)
    assert (entry.status, entry.payload["manual"]) == (OutboxStatus.HELD, True)
    with pytest.raises(Conflict, match="by hand"):
        await application.deliver.replay("acme", entry.id)
    with pytest.raises(Conflict, match="not come"):
        await application.deliver.confirm("acme", entry.id, "ann")
    clock.move(timedelta(hours=3))
    done = await application.deliver.confirm("acme", entry.id, "ann")
    assert (done.status, done.payload["posted_by"]) == (OutboxStatus.DELIVERED, "ann")
    assert await application.deliver.confirm("acme", entry.id, "ann") == done
    assert [one.state for one in await entries(application)] == ["delivered"]


async def test_posts_too_near_each_other_are_told(
    application: Application, clock: FrozenClock
) -> None:
    at = (clock.now() + timedelta(days=1)).astimezone(SHANGHAI).replace(hour=23)
    await channels(
        application, Channel(name="大群", platform="wechat_group", quiet_from=22, quiet_to=8)
    )
    for minutes in (0, 30):
        await post(application, channel="大群", not_before=at + timedelta(minutes=minutes))
    found = [set(one.conflicts) for one in await entries(application)]
    assert found == [{"close", "quiet"}] * 2


async def test_the_api_plans_moves_and_ends(
    web: httpx.AsyncClient, bearer: KeyMaker, application: Application, clock: FrozenClock
) -> None:
    key = await bearer(Scope.POSTS_WRITE)
    body = ACME | {"plan": plan(clock).model_dump(mode="json")}
    made = await web.post("/v1/calendar/series", json=body, headers=key)
    assert made.status_code == 201
    hourly = body["plan"] | {"repeat": {"every": "hour"}}
    bad = await web.post("/v1/calendar/series", json=body | {"plan": hourly}, headers=key)
    assert bad.status_code == 422
    due = (await web.get("/v1/calendar", params=ACME, headers=key)).json()["entries"]
    assert len(due) == 4
    far = {"since": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z"}
    assert (await web.get("/v1/calendar", params=ACME | far, headers=key)).status_code == 422
    request_id = await post(application)
    moved = await web.post(f"/v1/posts/{request_id}/move", json={"at": None}, headers=key)
    assert (moved.status_code, moved.json()["at"]) == (200, None)
    ended = await web.post(f"/v1/calendar/series/{made.json()['id']}/end", headers=key)
    assert ended.json()["ended_at"]
    async with application.uow() as uow:
        acme = await uow.communities.get("acme")
        assert acme is not None
        await uow.communities.save(acme.model_copy(update={"id": "other"}))
        await uow.commit()
    foreign = await bearer(Scope.POSTS_WRITE, community="other")
    path = f"/v1/calendar/series/{made.json()['id']}/end"
    assert (await web.post(path, headers=foreign)).status_code in (403, 404)


async def test_editors_plan_on_the_pages_and_read_the_feed(
    web: httpx.AsyncClient, log_in: LogIn, application: Application, clock: FrozenClock
) -> None:
    await log_in(Role.ADMIN)
    page = (await web.get("/posts?kind=announcement")).text
    first = (clock.now().astimezone(SHANGHAI) + timedelta(days=1)).strftime("%Y-%m-%dT10:00")
    form = {"csrf": csrf_of(page), "kind": "announcement", "lang": "zh", "title": "<b>每周安排",
            "points": "见面", "action": "series", "every": "week"}  # fmt: skip
    refused = await web.post("/posts", data=form)
    assert refused.status_code == 422
    assert (await web.post("/posts", data=form | {"not_before": first})).status_code == 303
    request_id = await post(application, not_before=clock.now() + timedelta(days=2))
    page = (await web.get("/calendar")).text
    assert "&lt;b&gt;每周安排" in page
    assert "停机维护" in page
    assert "Planned" in page
    csrf = csrf_of(page)
    moved = await web.post(
        f"/calendar/posts/{request_id}", data={"csrf": csrf, "action": "move", "at": "soon"}
    )
    assert moved.status_code == 422
    off = await web.post(f"/calendar/posts/{request_id}", data={"csrf": csrf, "action": "call_off"})
    assert off.status_code == 303
    assert "Called off" in (await web.get("/calendar?from=2026-13-45")).text
    made = (await web.post("/calendar/feed", data={"csrf": csrf})).text
    address = re.search(r"/calendar/feed/[A-Za-z0-9_-]+\.ics", made)
    assert address
    web.cookies.clear()
    read = await web.get(address[0])
    assert read.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(read.text).walk("VEVENT")
    assert len(events) >= 4
    assert {str(event["summary"]) for event in events} == {"<b>每周安排"}
    assert isinstance(events[0]["dtstart"].dt, datetime)
    assert (await web.get("/calendar/feed/aaaaaaaaaaaaaaaaaaaaaaaa.ics")).status_code == 404


async def test_administrators_name_the_channels(
    web: httpx.AsyncClient, log_in: LogIn, bearer: KeyMaker, application: Application
) -> None:
    await log_in(Role.ADMIN)
    csrf = csrf_of((await web.get("/settings")).text)
    form = {"csrf": csrf, "name.0": "大群", "platform.0": "wechat_group", "from.0": "22",
            "to.0": "8", "name.1": "", "platform.1": "discord"}  # fmt: skip
    assert (await web.post("/settings/channels", data=form)).status_code == 303
    assert "大群" in (await web.get("/settings")).text
    refused = await web.post("/settings/channels", data=form | {"platform.0": "<x>"})
    assert refused.status_code == 422
    key = await bearer(Scope.ADMIN, Scope.CASES_READ)
    stored = (await web.get("/v1/communities/acme", headers=key)).json()
    assert [one["platform"] for one in stored["channels"]] == ["wechat_group"]
    body = {"name": stored["name"], "channels": [{"name": "a", "platform": "nowhere"}]}
    assert (await web.put("/v1/communities/acme", json=body, headers=key)).status_code == 422
