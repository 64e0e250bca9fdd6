"""Facts of a post on its review page, in its API and as CSV."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.draft import Draft
from service.domain.post import PostBrief
from tests.plugins.radar import store
from tests.plugins.web import KeyMaker, LogIn, csrf_of


@pytest.fixture
async def post(application: Application) -> Draft:
    """A report around the facts of a busy week."""
    now = application.clock.now()
    await store(application, [(f"p{n}", now - timedelta(days=2, minutes=n)) for n in range(7)])
    await application.radar.run("acme")
    week = {"start": "2026-03-25T00:00+08:00", "end": "2026-04-01T00:00+08:00"}
    brief = PostBrief.model_validate({"kind": "weekly_report", "title": "周报", **week})
    request = await application.content.request("acme", brief, "w")
    (draft,) = await application.content.draft_due(request.id)
    return draft


async def task_of(application: Application, post: Draft) -> str:
    return (await application.queries.tasks_of_post(post.post_request_id or ""))[post.id]


async def test_each_number_leads_to_what_is_behind_it(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, post: Draft
) -> None:
    await log_in()
    assert "7 条" in post.composition.text
    task = await task_of(application, post)
    page = (await web.get(f"/tasks/{task}")).text
    assert 'id="fact-activity.messages"' in page
    assert 'href="/trends?metric=messages&amp;since=2026-03-25&amp;until=2026-03-31"' in page
    assert "Numbers from the figures" in page
    file = await web.get(f"/tasks/{task}/facts")
    assert file.headers["content-type"].startswith("text/csv")
    assert "activity.messages" in file.text


async def test_a_changed_number_is_found_in_an_edit(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, post: Draft
) -> None:
    await log_in()
    task = await task_of(application, post)
    view = await application.queries.task(task)
    assert view is not None
    text = post.composition.text.replace("消息数：7 条", "消息数：8 条", 1)
    assert text != post.composition.text
    page = (await web.get(f"/tasks/{task}")).text
    form = {
        "csrf": csrf_of(page),
        "action": "save",
        "text": text,
        "revision_hash": view.revisions[-1].hash,
    }
    saved = (await web.post(f"/tasks/{task}/decide", data=form)).text
    assert "A number that is another in the facts" in saved
    assert "8 ≠ 消息数: 7 条" in saved


async def test_the_api_gives_facts_links_and_csv(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, post: Draft
) -> None:
    headers = await bearer(Scope.CASES_READ)
    found = (await web.get(f"/v1/drafts/{post.id}/facts", headers=headers)).json()
    ids = {fact["id"] for fact in found["facts"]}
    assert {"activity.messages", "period.days"} <= ids
    assert {one["fact"] for one in found["numbers"]} <= ids
    table = await web.get(f"/v1/drafts/{post.id}/facts?format=csv", headers=headers)
    assert table.text.splitlines()[0].lstrip("\ufeff").startswith("id,label,value")
    async with application.uow() as uow:
        elsewhere = Community(id="other", name=Bilingual(zh="别处", en="Other"))
        await uow.communities.save(elsewhere)
        await uow.commit()
    other = await bearer(Scope.CASES_READ, community="other")
    assert (await web.get(f"/v1/drafts/{post.id}/facts", headers=other)).status_code == 404
