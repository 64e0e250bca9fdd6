"""The review pages without JavaScript: reading, deciding, taking back; hostile text stays text."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
from bs4 import BeautifulSoup

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.post import PostBrief
from service.flows.rules import Upload
from tests.plugins.app import FrozenClock
from tests.plugins.web import PASSWORD, LogIn, Seed, csrf_of, item

EVIL = """<script>alert('x')</script><img src=x onerror=alert(1)>{{7*7}}"'></textarea>${1}"""


async def act(web: httpx.AsyncClient, task_id: str, step: str, **form: str) -> httpx.Response:
    page = (await web.get(f"/tasks/{task_id}")).text
    seen = re.search(r'name="revision_hash" value="([0-9a-f]+)"', page)
    fields = {"csrf": csrf_of(page), "revision_hash": seen[1] if seen else ""}
    return await web.post(f"/tasks/{task_id}/{step}", data=fields | form)


def draft_of(page: str) -> str:
    found = re.search(r'<textarea id="text".*?>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


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


async def test_the_queue_shows_what_matters(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None
) -> None:
    await seed("谢谢", "我要退款，电话 13812345678", "我想死", "又闪退了")
    await log_in()
    page = (await web.get("/queue")).text
    order = re.findall(r'severity s(\d)" role', page)
    assert order == ["4", "2", "2", "0"]
    assert "13812345678" not in page
    for shown in ("Safety and crisis", "Legal or safety", "Template reply", "Overdue", "main"):
        assert shown in page
    assert (await web.get("/queue?kind=post")).text.count('class="row') == 0
    assert "All done" in (await web.get("/queue?status=decided")).text
    assert (await web.get("/queue?kind=x&status=y")).text.count('<li class="row') == 4
    assert (await web.get("/queue?cursor=nonsense")).status_code == 422


async def test_the_task_shows_everything_a_decision_rests_on(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None
) -> None:
    first = item(1, "我要退款，电话 13812345678", thread="t")
    second = item(2, "上周买的", thread="t", author="author1", sent_at="2026-04-01T04:01:00Z")
    (task_id,) = await seed(first, second)
    await log_in()
    page = (await web.get(f"/tasks/{task_id}")).text
    assert "13812345678" not in page
    for shown in (
        "[PHONE_1]",
        "上周买的",
        "Billing and refund",
        "86%",
        "Negative",
        "会员购买后七天内",
        "Template reply, no model",
        'href="#clause-1"',
        'id="clause-1"',
        "/documents/membership#c-3.1",
        "12:00",
        "12:01",
    ):
        assert shown in page, shown
    document = (await web.get("/documents/membership")).text
    assert 'id="c-3.1"' in document


async def test_approve_undo_and_approve_edited(
    web: httpx.AsyncClient,
    log_in: LogIn,
    seed: Seed,
    rules: None,
    application: Application,
    clock: FrozenClock,
) -> None:
    task_id, other = await seed("我要退款", "refund please")
    user = await log_in()
    path = f"/tasks/{task_id}"
    assert (await act(web, task_id, "claim")).status_code == 303
    assert "Yours for" in (await web.get(path)).text
    text = draft_of((await web.get(path)).text)
    same = text.replace("\n", "\r\n")
    assert (await act(web, task_id, "decide", action="approve", text=same)).status_code == 303
    decided = (await web.get(path)).text
    assert "Approved" in decided
    assert f"/tasks/{other}" in decided
    assert (await act(web, task_id, "undo")).status_code == 303
    saved = await act(web, task_id, "decide", action="save", text=text + "\n再见")
    assert (saved.status_code, "Saved as version 2" in saved.text) == (200, True)
    final = text + "\n再见 <b>"
    await act(web, task_id, "decide", action="approve", text=final)
    view = await application.queries.task(task_id)
    assert view is not None
    assert view.decision is not None
    assert (view.decision.verdict, view.decision.reviewer) == ("approve_edited", user.id)
    assert view.entry is not None
    assert view.entry.payload["text"] == final
    assert [one.verdict for one in view.history] == ["approve", "approve_edited"]
    clock.move(timedelta(minutes=1))
    late = await act(web, task_id, "undo")
    assert (late.status_code, "Not possible right now" in late.text) == (409, True)


async def test_blocking_findings_need_a_second_look(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None
) -> None:
    (task_id,) = await seed("我要退款")
    await log_in()
    text = "打我电话 13912345678，我们马上退款。"
    refused = await act(web, task_id, "decide", action="approve", text=text)
    assert refused.status_code == 409
    assert "Holds personal data" in refused.text
    assert draft_of(refused.text) == text
    assert 'name="acknowledge"' in refused.text
    passed = await act(web, task_id, "decide", action="approve", text=text, acknowledge="yes")
    assert passed.status_code == 303


async def test_reject_and_escalate(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    first, second = await seed("怎么用", "怎么导出")
    await log_in()
    for form in ({"action": "reject"}, {"action": "reject", "reason": "x"}, {"action": "x"}, {}):
        answer = await act(web, first, "decide", **form)
        assert answer.status_code == 422, form
    note = "语气 <i>太硬</i>"
    await act(web, first, "decide", action="reject", reason="tone", note=note)
    page = (await web.get(f"/tasks/{first}")).text
    assert "The tone does not fit" in page
    assert "语气 &lt;i&gt;太硬&lt;/i&gt;" in page
    done = await act(web, second, "decide", action="escalate", note="请法务看")
    assert done.status_code == 303, done.text[done.text.find("banner bad") :][:300]
    view = await application.queries.task(second)
    assert view is not None
    assert view.decision is not None
    assert (view.decision.verdict, view.decision.note) == ("escalate", "请法务看")
    again = (await application.queries.queue("acme")).items
    assert [row.case_id for row in again] == [view.draft.case_id]


async def test_two_reviewers_do_not_collide(
    web: httpx.AsyncClient,
    log_in: LogIn,
    seed: Seed,
    application: Application,
) -> None:
    (task_id,) = await seed("我要退款")
    other = await application.accounts.create_user("li", Role.MODERATOR, password=PASSWORD)
    await log_in()
    page = await web.get(f"/tasks/{task_id}")
    await application.review.claim(task_id, other.id)
    held = await web.post(f"/tasks/{task_id}/claim", data={"csrf": csrf_of(page.text)})
    assert (held.status_code, "li is on it" in held.text) == (409, True)
    assert '<textarea id="text"' not in held.text
    await application.review.release(task_id, other.id)
    view = await application.queries.task(task_id)
    assert view is not None
    seen = view.revisions[-1].hash
    await application.review.edit(task_id, other.id, text="别人改过", base_hash=seen)
    await application.review.release(task_id, other.id)
    form = {"csrf": csrf_of(page.text), "revision_hash": seen, "action": "approve", "text": "我的"}
    stale = await web.post(f"/tasks/{task_id}/decide", data=form)
    assert (stale.status_code, draft_of(stale.text)) == (409, "我的")
    assert "The draft was just edited" in stale.text


async def test_a_member_who_wrote_more_is_seen(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    (task_id,) = await seed(item(1, "我要退款"))
    later = item(2, "电话 13812345678", author="author1", sent_at="2026-04-01T04:02:00Z")
    await application.ingest.ingest("acme", [later])
    await log_in()
    page = (await web.get(f"/tasks/{task_id}")).text
    assert "wrote more" in page
    assert "Not triaged yet" in page
    assert "13812345678" not in page
    refused = await act(web, task_id, "decide", action="approve", text=draft_of(page))
    assert (refused.status_code, "The member wrote more" in refused.text) == (409, True)


async def test_a_redraft_supersedes(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None
) -> None:
    (task_id,) = await seed("我要退款")
    await log_in()
    answer = await act(web, task_id, "redraft", instruction="更短")
    assert answer.status_code == 303
    assert answer.headers["location"] not in (f"/tasks/{task_id}", "/tasks/None")
    old = (await web.get(f"/tasks/{task_id}")).text
    assert "A newer draft replaced this one" in old
    assert '<textarea id="text"' not in old


async def test_viewers_read_and_do_not_act(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed
) -> None:
    (task_id,) = await seed("我要退款")
    await log_in(Role.VIEWER)
    page = (await web.get(f"/tasks/{task_id}")).text
    assert '<textarea id="text"' not in page
    assert (await act(web, task_id, "claim")).status_code == 403
    assert (await act(web, task_id, "decide", action="reject", reason="tone")).status_code == 403


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
    draft = await application.content.draft_due(post.id)
    assert draft is not None
    post_task = await application.queries.task_of_post(post.id)
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
    await act(web, task_id, "decide", action="approve", text=EVIL, acknowledge="yes")
    await act(web, str(post_task), "decide", action="reject", reason="other", note=EVIL)
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
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    assert community.delivery_url == "https://hook.example/in"
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
