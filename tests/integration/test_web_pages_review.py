"""The review pages without JavaScript: reading, deciding, taking back; hostile text stays text."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import httpx

from service.bootstrap import Application
from service.domain.account import Role
from tests.plugins.app import FrozenClock
from tests.plugins.web import PASSWORD, LogIn, Seed, csrf_of, item


async def act(web: httpx.AsyncClient, task_id: str, step: str, **form: str) -> httpx.Response:
    page = (await web.get(f"/tasks/{task_id}")).text
    seen = re.search(r'name="revision_hash" value="([0-9a-f]+)"', page)
    fields = {"csrf": csrf_of(page), "revision_hash": seen[1] if seen else ""}
    return await web.post(f"/tasks/{task_id}/{step}", data=fields | form)


def draft_of(page: str) -> str:
    found = re.search(r'<textarea id="text".*?>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


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
    assert 'data-pop="o" open' not in refused.text, "nothing corrects the triage here"
    assert re.findall(r'name="back" value="(.*?)"', refused.text) == [f"/tasks/{task_id}"] * 2
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
