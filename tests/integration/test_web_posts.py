"""Kinds of posts over the API and on the page: forms, errors by field, one draft a variant."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.domain.delivery import OutboxEntry
from service.domain.review import Verdict
from service.flows.review import Ruling
from tests.plugins.web import KeyMaker, LogIn, csrf_of

RAFFLE = {
    "form": "raffle",
    "who": "入群满 7 天的成员",
    "how": "整理三篇旧笔记\n在打卡帖里发截图",
    "deadline": "2026-12-06T20:00",
    "prize": "年度会员 3 份",
    "method": "截止后用工具从名单里随机抽取，过程录屏",
    "rules_at": "《活动规则》",
}
BRIEF: dict[str, Any] = {"kind": "incentive", "title": "旧笔记挑战", "inputs": RAFFLE}


@pytest.fixture
async def key(bearer: KeyMaker) -> dict[str, str]:
    return await bearer()


async def ask(web: httpx.AsyncClient, key: dict[str, str], **changes: Any) -> httpx.Response:
    body = {"community": "acme", "brief": BRIEF | changes}
    return await web.post("/v1/posts", json=body, headers=key)


async def test_the_kinds_say_what_a_brief_takes(
    web: httpx.AsyncClient, key: dict[str, str], bearer: KeyMaker
) -> None:
    kinds = {
        one["id"]: one for one in (await web.get("/v1/post-kinds", headers=key)).json()["items"]
    }
    assert next(iter(kinds)) == "announcement"
    inputs = {one["name"]: one for one in kinds["incentive"]["inputs"]}
    assert inputs["deadline"]["type"] == "datetime"
    assert [one["value"] for one in inputs["form"]["choices"]] == ["points", "quiz", "raffle"]
    assert kinds["weekly_report"]["facts"][0] == "activity"
    assert {"zh": "补偿", "en": "compensation"} in kinds["holding"]["must_not_say"]
    assert (await web.get("/v1/post-kinds")).status_code == 401


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"inputs": RAFFLE | {"deadline": "soon"}}, "inputs.deadline", "datetime"),
        ({"inputs": {}}, "inputs.form", "required"),
        ({"inputs": RAFFLE | {"luck": "much"}}, "inputs.luck", "unwanted"),
        ({"kind": "weekly_report", "inputs": {}}, "start", "required"),
        ({"kind": "monthly_report", "variants": [{"format": "chat"}]}, "start", "required"),
    ],
)
async def test_a_brief_that_does_not_fit_is_refused_by_field(
    web: httpx.AsyncClient,
    key: dict[str, str],
    changes: dict[str, Any],
    field: str,
    problem: str,
) -> None:
    answer = await ask(web, key, **changes)
    assert answer.status_code == 422
    assert answer.json()["details"] == {"field": field, "problem": problem}


async def test_every_variant_gets_its_own_draft_and_task(
    web: httpx.AsyncClient, key: dict[str, str], application: Application
) -> None:
    variants = [{"format": "chat", "channel": "微信群"}, {"format": "mail", "channel": ""}]
    post_id = (await ask(web, key, variants=variants)).json()["id"]
    async with application.uow() as uow:
        assert await uow.posts.pending(5) == (post_id,)
    assert len(await application.content.draft_due(post_id)) == 2
    assert await application.content.draft_due(post_id) == ()
    async with application.uow() as uow:
        assert await uow.posts.pending(5) == ()
    post = (await web.get(f"/v1/posts/{post_id}", headers=key)).json()
    chat, mail = post["variants"]
    assert chat["task_id"] != mail["task_id"]
    assert chat["task_id"] == post["task_id"]
    texts = [one["draft"]["composition"]["text"] for one in (chat, mail)]
    assert "大家好：" not in texts[0]
    assert "大家好：" in texts[1]
    assert all("2026年12月6日（周日）20:00" in text for text in texts)


async def test_a_variant_whose_draft_was_lost_is_pending_again(
    web: httpx.AsyncClient, key: dict[str, str], application: Application
) -> None:
    whole = (await ask(web, key)).json()["id"]
    half = (await ask(web, key, variants=[{"format": "chat"}, {"format": "long"}])).json()["id"]
    await application.content.draft_due(whole)
    first, _ = await application.content.draft_due(half)
    async with application.uow() as uow:
        request = await uow.posts.get(half)
        assert request is not None
        third = request.brief.variants[0].model_copy(update={"channel": "other"})
        wider = request.brief.model_copy(update={"variants": (*request.brief.variants, third)})
        await uow.posts.add(request.model_copy(update={"id": "post_wide", "brief": wider}))
        await uow.commit()
    async with application.uow() as uow:
        assert await uow.posts.pending(5) == ("post_wide",)
    assert first.post_request_id == half


async def test_an_approved_post_waits_for_its_time_and_names_its_channel(
    web: httpx.AsyncClient, key: dict[str, str], application: Application
) -> None:
    variants = [{"format": "chat", "channel": "微信群"}]
    later = "2030-01-01T00:00:00+00:00"
    plain = {"kind": "announcement", "inputs": {}, "points": ["打卡从周六开始"]}
    asked = await ask(web, key, variants=variants, not_before=later, **plain)
    post_id = asked.json()["id"]
    (draft,) = await application.content.draft_due(post_id)
    entry = await approved(application, draft.id)
    assert entry.not_before.isoformat() == later
    assert (entry.payload["channel"], entry.payload["format"]) == ("微信群", "chat")
    assert (entry.payload["post_kind"], entry.payload["title"]) == ("announcement", "旧笔记挑战")


async def approved(application: Application, draft_id: str) -> OutboxEntry:
    async with application.uow() as uow:
        draft = await uow.drafts.get(draft_id)
        (newest,) = await uow.drafts.revisions(draft_id)
    assert draft is not None
    tasks = await application.queries.tasks_of_post(draft.post_request_id or "")
    ruling = Ruling(verdict=Verdict.APPROVE, revision_hash=newest.hash, acknowledge=True)
    decision = await application.review.decide(tasks[draft_id], "rev", ruling)
    async with application.uow() as uow:
        entry = await uow.outbox.for_decision(decision.id)
    assert entry is not None
    return entry


@pytest.mark.parametrize("lang", list(Lang))
async def test_the_page_has_a_form_for_every_kind(
    web: httpx.AsyncClient, log_in: LogIn, application: Application, lang: Lang
) -> None:
    await log_in(role=Role.EDITOR, lang=lang)
    for kind in application.drafter.post_kinds:
        page = BeautifulSoup((await web.get(f"/posts?kind={kind.id}")).text, "html.parser")
        form = page.select_one("form.brief")
        assert form is not None
        names = {tag.get("name") for tag in form.select("[name]")}
        assert {f"inputs.{one.name}" for one in kind.inputs} <= names
        assert {f"format.{one}" for one in kind.lengths} <= names
        assert {"start", "end"} <= names or kind.period == "none"
        assert kind.title.get(lang) in form.text
        labelled = {tag.get("for") for tag in form.select("label[for]")}
        assert labelled <= {tag.get("id") for tag in form.select("[id]")}


async def test_a_form_becomes_a_brief(
    web: httpx.AsyncClient, log_in: LogIn, application: Application
) -> None:
    await log_in(role=Role.EDITOR)
    page = (await web.get("/posts?kind=department_digest")).text
    form = {
        "csrf": csrf_of(page), "kind": "department_digest", "lang": "en", "title": "For product",
        "subject": "product", "start": "2026-03-23", "end": "2026-03-29",
        "inputs.asks": "Look at sync\n\nLook at export", "inputs.answer_by": "2026-04-03",
        "format.chat": "yes", "channel.chat": "#product", "format.mail": "yes", "tone": "brisk",
    }  # fmt: skip
    assert (await web.post("/posts", data=form)).status_code == 303
    (post,) = (await application.queries.posts("acme")).items
    brief = post.brief
    assert (brief.subject, brief.tone) == ("product", "brisk")
    assert brief.inputs["asks"] == "Look at sync\nLook at export"
    assert brief.start is not None
    assert brief.end is not None
    assert (brief.end - brief.start).days == 7
    await application.content.draft_due(post.id)
    listed = BeautifulSoup((await web.get(f"/posts/{post.id}")).text, "html.parser")
    links = [str(tag["href"]) for tag in listed.select(".rows a")]
    assert len(links) == 2
    task = (await web.get(links[0])).text
    assert "Monday 23 March 2026 to Sunday 29 March 2026" in task


@pytest.mark.parametrize(("lang", "says"), [(Lang.ZH, "截止时间"), (Lang.EN, "Closes")])
async def test_a_mistake_in_a_form_is_named_in_the_readers_language(
    web: httpx.AsyncClient, log_in: LogIn, lang: Lang, says: str
) -> None:
    await log_in(role=Role.EDITOR, lang=lang)
    page = (await web.get("/posts?kind=incentive")).text
    values = {f"inputs.{name}": value for name, value in RAFFLE.items()}
    form = {"csrf": csrf_of(page), "kind": "incentive", "title": "挑战 <b>"} | values
    answer = await web.post("/posts", data=form | {"inputs.deadline": "soon"})
    assert answer.status_code == 422
    shown = BeautifulSoup(answer.text, "html.parser")
    banner = shown.select_one(".banner.bad")
    assert banner is not None
    assert says in banner.text
    kept = shown.select_one("[name='inputs.who']")
    assert kept is not None
    assert kept["value"] == RAFFLE["who"]


FEED = """<?xml version="1.0" encoding="gb2312"?><rss><channel><item><title>笔记软件新动向</title>
<link>https://news.example.com/1</link></item></channel></rss>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312"])
async def test_a_feed_is_uploaded(
    web: httpx.AsyncClient, log_in: LogIn, application: Application, encoding: str
) -> None:
    await log_in(role=Role.EDITOR)
    page = (await web.get("/posts?kind=industry_digest")).text
    form = {"csrf": csrf_of(page), "kind": "industry_digest", "title": "行业动态"}
    file = {"inputs.items.file": ("feed.xml", FEED.encode(encoding), "text/xml")}
    answer = await web.post("/posts", data=form | {"inputs.items": ""}, files=file)
    assert answer.status_code == 303, answer.text
    (post,) = (await application.queries.posts("acme")).items
    (draft,) = await application.content.draft_due(post.id)
    assert "《笔记软件新动向》" in draft.composition.text
    assert "https://news.example.com/1" in draft.composition.text
    assert draft.findings == ()


@pytest.mark.parametrize("content", [b"<html>", b"\xff\xfe\xff", b"<rss/>"])
async def test_a_file_that_is_no_feed_is_refused_by_field(
    web: httpx.AsyncClient, log_in: LogIn, content: bytes
) -> None:
    await log_in(role=Role.EDITOR)
    page = (await web.get("/posts?kind=industry_digest")).text
    form = {"csrf": csrf_of(page), "kind": "industry_digest", "title": "x"}
    file = {"inputs.items.file": ("feed.xml", content, "text/xml")}
    answer = await web.post("/posts", data=form, files=file)
    assert answer.status_code == 422
    banner = BeautifulSoup(answer.text, "html.parser").select_one(".banner.bad")
    assert banner is not None
    assert "RSS or Atom" in banner.text


async def test_clauses_are_found_by_what_a_rule_is_to_solve(
    web: httpx.AsyncClient, key: dict[str, str], rules: None, application: Application
) -> None:
    proposal = {"kind": "rule_proposal", "title": "新规则", "variants": []}
    asked = await ask(web, key, **proposal, inputs={"problem": "活动名额能不能退款"})
    (draft,) = await application.content.draft_due(asked.json()["id"])
    assert "《会员规则》3.1" in draft.composition.text
    assert draft.composition.citations != ()


async def test_an_incentive_rests_on_rules_of_its_own_or_warns(
    web: httpx.AsyncClient, key: dict[str, str], rules: None, application: Application
) -> None:
    asked = await ask(web, key, points=["中奖后不能退款"])
    (draft,) = await application.content.draft_due(asked.json()["id"])
    assert draft.composition.citations == ()
    assert "no_own_rule" in {one.check for one in draft.findings}
