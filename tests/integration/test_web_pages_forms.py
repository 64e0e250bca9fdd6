"""Hostile text on every page, and the forms beside the review: rules, posts, keys, receiver."""

from __future__ import annotations

import re
from typing import Any

import httpx
from bs4 import BeautifulSoup

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.post import PostBrief
from service.flows.rules import Upload
from tests.plugins.web import LogIn, Seed, csrf_of, item

EVIL = """<script>alert('x')</script><img src=x onerror=alert(1)>{{7*7}}"'></textarea>${1}"""


async def decide(web: httpx.AsyncClient, task_id: str, **form: str) -> httpx.Response:
    page = (await web.get(f"/tasks/{task_id}")).text
    seen = re.search(r'name="revision_hash" value="([0-9a-f]+)"', page)
    fields = {"csrf": csrf_of(page), "revision_hash": seen[1] if seen else ""}
    return await web.post(f"/tasks/{task_id}/decide", data=fields | form)


def assert_inert(body: str, path: str) -> None:
    """No element or attribute came out of a text."""
    soup = BeautifulSoup(body, "html.parser")
    assert all(tag.get("type") == "module" and not tag.text for tag in soup.find_all("script")), (
        path
    )
    assert {tag["width"] for tag in soup.find_all("img")} <= {"22"}, path
    handlers = {name for tag in soup.find_all() for name in tag.attrs if name.startswith("on")}
    assert handlers == set(), path
    assert "49\"'" not in soup.text, path


async def test_hostile_text_stays_text_on_every_page(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    hostile = item(1, f"我要退款 {EVIL}", author=EVIL[:80], channel=EVIL[:80], source=EVIL[:40])
    evil_rules = f"# {EVIL}\n\n## 1 {EVIL}\n\n### 1.1 {EVIL}\n\n退款 {EVIL} 可以。\n"
    upload = Upload(EVIL[:60] + ".md", evil_rules.encode(), "text/markdown", "evil")
    await application.rules.upload("acme", upload, by="x")
    (task_id,) = await seed(hostile)
    await application.accounts.create_key(EVIL[:80], [Scope.TRIAGE], community="acme")
    brief = PostBrief(title=EVIL, points=(EVIL,), audience=EVIL, channel=EVIL)
    post = await application.content.request("acme", brief, "x")
    await application.content.draft_due(post.id)
    (post_task,) = (await application.queries.tasks_of_post(post.id)).values()
    view = await application.queries.task(task_id)
    assert view is not None
    await log_in(name=EVIL[:50])
    paths = [
        *("/queue", "/cases", "/themes", "/documents", "/documents/evil", "/posts", "/settings"),
        *("/deliveries", f"/tasks/{task_id}", f"/tasks/{post_task}"),
        f"/cases/{view.draft.case_id}",
        f"/cases?text={EVIL}&category={EVIL}&theme={EVIL}&since={EVIL}",
        f"/login?next={EVIL}",
        f"/login/{EVIL[:30]}",
        f"/documents/{EVIL[:20]}",
    ]
    bodies = {path: (await web.get(path)).text for path in paths}
    await decide(web, task_id, action="approve", text=EVIL, acknowledge="yes")
    await decide(web, str(post_task), action="reject", reason="other", note=EVIL)
    decided = ("/deliveries", f"/tasks/{task_id}", f"/tasks/{post_task}", "/queue?status=decided")
    for path in decided:
        bodies[f"{path} decided"] = (await web.get(path)).text
    for path, body in bodies.items():
        assert_inert(body, path)
    assert "&lt;script&gt;alert" in bodies[f"/tasks/{task_id}"]
    assert "{{7*7}}" in bodies[f"/tasks/{task_id}"]


async def test_documents_posts_and_settings_by_form(
    web: httpx.AsyncClient, log_in: LogIn, application: Application
) -> None:
    await log_in()

    async def send(path: str, page: str, files: Any = None, **form: Any) -> httpx.Response:
        csrf = csrf_of((await web.get(page)).text)
        return await web.post(path, data={"csrf": csrf} | form, files=files)

    file = {"file": ("规则.md", "# 规则\n\n## 1 甲\n\n可以退款。".encode(), "text/markdown")}
    made = await send("/documents", "/documents", file, slug="Gui Ze!", kind="faq")
    assert made.headers["location"] == "/documents/gui-ze"
    assert "可以退款" in (await web.get("/documents/gui-ze")).text
    broken = {"file": ("x.pdf", b"%PDF-1.4 nonsense", "application/pdf")}
    refused = await send("/documents", "/documents", broken)
    assert (refused.status_code, "Something needs correcting" in refused.text) == (422, True)
    assert (await send("/documents", "/documents")).status_code == 422
    assert (await send("/documents/gui-ze/retire", "/documents")).status_code == 303
    assert "Retired" in (await web.get("/documents")).text
    asked = await send(
        "/posts",
        "/posts",
        title="维护",
        points="一\n\n二",
        lang="zh",
        not_before="2026-04-03T02:00",
    )
    assert asked.status_code == 303
    (post,) = (await application.queries.posts("acme")).items
    assert post.brief.points == ("一", "二")
    assert post.brief.not_before is not None
    assert post.brief.not_before.isoformat().startswith(("2026-04-03T02", "2026-04-02T18"))
    for bad in ({"points": " "}, {"title": ""}, {"lang": "fr"}, {"not_before": "soon"}):
        form = {"title": "维护", "points": "一", "lang": "zh"} | bad
        assert (await send("/posts", "/posts", **form)).status_code == 422, bad
    waiting = await web.get(f"/posts/{post.id}")
    assert waiting.headers["location"] == "/posts?asked=1"
    key = await send("/settings/keys", "/settings", name="bot", scope=["triage", "bogus"])
    secret = re.search(r"hy_\w+_[\w-]{20,}", key.text)
    assert secret
    actor = await application.accounts.authenticate(secret[0])
    assert (actor.scopes, actor.community) == (frozenset({Scope.TRIAGE}), "acme")
    assert secret[0] not in (await web.get("/settings")).text
    assert (await send("/settings/keys", "/settings", name="none")).status_code == 422
    (stored,) = await application.accounts.keys()
    await send(f"/settings/keys/{stored.id}/revoke", "/settings")
    assert (await application.accounts.keys())[0].revoked_at is not None
    wrong = await send("/settings/receiver", "/settings", delivery_url="javascript:alert(1)")
    assert wrong.status_code == 422
    await send("/settings/receiver", "/settings", delivery_url="https://hook.example/in")
    await send("/settings/receiver", "/settings", alert_url="https://hook.example/alerts")
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    assert community.delivery_url == "https://hook.example/in"
    assert community.alert_url == "https://hook.example/alerts"
    queued = await send("/themes/run", "/themes")
    assert queued.headers["location"] == "/themes?queued=1"


async def test_people_switch_between_communities(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    second = Community(id="second", name=Bilingual(zh="第二", en="Second"))
    async with application.uow() as uow:
        await uow.communities.save(second)
        await uow.commit()
    await seed("我要退款", community="second")
    await log_in()
    assert "All done" in (await web.get("/queue")).text
    csrf = csrf_of((await web.get("/queue")).text)
    await web.post("/community", data={"csrf": csrf, "community": "second"})
    assert "Billing and refund" in (await web.get("/queue")).text
    answer = await web.post("/community", data={"csrf": csrf, "community": "nowhere"})
    assert answer.status_code == 404


async def test_a_community_can_keep_its_cases_from_the_model(
    web: httpx.AsyncClient, log_in: LogIn, application: Application
) -> None:
    async def allowed() -> bool:
        async with application.uow() as uow:
            community = await uow.communities.get("acme")
        assert community is not None
        return community.ask_model

    await log_in()
    csrf = csrf_of((await web.get("/settings")).text)
    assert await allowed()
    assert (await web.post("/settings/model", data={"csrf": csrf})).status_code == 303
    assert not await allowed()
    await web.post("/settings/model", data={"csrf": csrf, "ask_model": "1"})
    assert await allowed()
