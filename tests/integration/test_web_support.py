"""What each sentence rests on: on the review page, in the API, and in the way of an approval."""

from __future__ import annotations

import re
from typing import Any

import httpx

from service.bootstrap import Application
from service.domain.support import SupportKind
from tests.plugins.web import LogIn, Seed, csrf_of


def said(page: str, kind: str) -> list[str]:
    block = page.partition('class="voice sentences"')[2].partition("</p>")[0]
    return re.findall(rf'class="said {kind}"[^>]*>([^<]*)<', block)


async def save(web: httpx.AsyncClient, task_id: str, action: str, text: str) -> httpx.Response:
    page = (await web.get(f"/tasks/{task_id}")).text
    seen = re.search(r'name="revision_hash" value="([0-9a-f]+)"', page)
    assert seen
    form = {"csrf": csrf_of(page), "revision_hash": seen[1], "action": action, "text": text}
    return await web.post(f"/tasks/{task_id}/decide", data=form)


async def test_a_quoted_clause_is_supported_and_leads_to_it(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None, application: Application
) -> None:
    (task_id,) = await seed("我要退款")
    await log_in()
    page = (await web.get(f"/tasks/{task_id}")).text
    (quoted,) = said(page, "supported")
    assert "会员购买后七天内" in quoted
    link = re.search(r'<a class="said supported" href="#(clause-\d)"', page)
    assert link
    assert f'id="{link[1]}"' in page
    assert said(page, "unsupported") == []
    view = await application.queries.task(task_id)
    assert view is not None
    assert {one.kind for one in view.draft.support.sentences} == {
        SupportKind.SUPPORTED,
        SupportKind.COURTESY,
    }


async def test_an_edit_that_no_clause_supports_is_shown_and_blocks(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None
) -> None:
    (task_id,) = await seed("我要退款")
    await log_in()
    text = "你好，看到了。会员购买后 90 天内都可以退款 <b>。"
    saved = await save(web, task_id, "save", text)
    assert saved.status_code == 200
    assert said(saved.text, "unsupported") == ["会员购买后 90 天内都可以退款 &lt;b&gt;。"]
    again = (await web.get(f"/tasks/{task_id}")).text
    assert said(again, "unsupported") == said(saved.text, "unsupported")
    refused = await save(web, task_id, "approve", text)
    assert refused.status_code == 409
    assert "A number differs from the nearest clause" in refused.text
    assert 'name="acknowledge"' in refused.text


async def test_the_api_tells_it_of_an_edit(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None, application: Application
) -> None:
    (task_id,) = await seed("我要退款")
    user = await log_in()
    view = await application.queries.task(task_id)
    assert view is not None
    edited = await application.review.edit(
        task_id, user.id, text="会员 90 天内可退。", base_hash=view.revisions[-1].hash
    )
    assert [one.kind for one in edited.support.sentences] == [SupportKind.UNSUPPORTED]
    assert {finding.check for finding in edited.findings} >= {"support"}


async def test_drafts_without_a_ledger_show_none(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None, application: Application
) -> None:
    (task_id,) = await seed("我要退款")
    async with application.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE drafts SET support = '{}'")
    await log_in()
    page = (await web.get(f"/tasks/{task_id}")).text
    assert "data-support" not in page
    assert "会员购买后七天内" in page


async def test_links_and_disclosure_are_set_by_form(
    web: httpx.AsyncClient, log_in: LogIn, application: Application
) -> None:
    await log_in()

    async def send(**form: Any) -> httpx.Response:
        csrf = csrf_of((await web.get("/settings")).text)
        return await web.post("/settings/drafting", data={"csrf": csrf} | form)

    note = {"ai_disclosure_zh": " 由 AI 起草。 ", "ai_disclosure_en": "Drafted by AI."}
    assert (await send(link_allow="Acme.com\nhelp.acme.org ", **note)).status_code == 303
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    assert community.link_allow == {"acme.com", "help.acme.org"}
    assert (community.ai_disclosure.zh, community.ai_disclosure.en) == (
        "由 AI 起草。",
        "Drafted by AI.",
    )
    assert "help.acme.org" in (await web.get("/settings")).text
    assert (await send(link_allow="https://acme.com/x")).status_code == 422
    assert (await send()).status_code == 303
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    assert (community.link_allow, community.ai_disclosure.zh) == (frozenset(), "")
