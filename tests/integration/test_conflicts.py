"""Two clauses that contradict each other hold the reply, are shown on its page, and ranked in gaps
until one of them changes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from retrieval.embedders.onnx_int8 import OnnxEmbedder
from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.change import StaleReason
from service.domain.draft import DraftContext, RefusalKind
from service.drafting.build import build_drafter, build_support
from service.flows.rules import Upload
from tests.plugins.web import KeyMaker, LogIn, Seed

ACME = {"community": "acme"}
YEARLY = """---
slug: {slug}
kind: rules
lang: zh
---
# {title}

## 3 退款

### 3.1 期限

感谢支持。年卡购买后 {days} 天内可以申请全额退款。
"""

Publish = Callable[[str, int], Awaitable[None]]


@pytest.fixture
def publish(application: Application) -> Publish:
    """Puts a rule on refunds into force."""

    async def make(slug: str, days: int) -> None:
        text = YEARLY.format(slug=slug, title=f"{slug} 规则", days=days)
        await application.rules.upload("acme", Upload(f"{slug}.md", text.encode()), by="test")

    return make


@pytest.fixture
async def held(
    keyword_triage: Application, onnx_embedder: OnnxEmbedder, publish: Publish, seed: Seed
) -> list[str]:
    """Three people ask about refunds, of which two documents say different things."""
    application, support = keyword_triage, build_support(onnx_embedder)
    vars(application)["drafter"] = build_drafter(application.redactor, support=support)
    await publish("members", 7)
    await publish("shop", 30)
    return await seed(*["我要退款"] * 3)


async def pairs(web: httpx.AsyncClient, bearer: KeyMaker) -> list[dict[str, Any]]:
    key = await bearer(Scope.CASES_READ)
    answer = await web.get("/v1/gaps/conflicts", params=ACME, headers=key)
    found: list[dict[str, Any]] = answer.json()
    return found


def marked(page: str) -> list[str]:
    return re.findall(r"<mark>([^<]*)</mark>", page)


async def test_from_a_draft_to_its_page_and_the_gaps(
    application: Application,
    web: httpx.AsyncClient,
    bearer: KeyMaker,
    log_in: LogIn,
    held: list[str],
    publish: Publish,
) -> None:
    view = await application.queries.task(held[0])
    assert view is not None
    assert view.draft.composition.refusal is RefusalKind.CONFLICTING_CLAUSES
    assert view.context.conflict is not None

    key = await bearer(Scope.DRAFTS_WRITE)
    read = (await web.get(f"/v1/drafts/{view.draft.id}", headers=key)).json()["conflict"]
    assert read["differs"] == "value"
    texts = {one.clause_id: one.text for one in view.context.passages}
    words = {
        side["clause_id"]: [texts[side["clause_id"]][m["start"] : m["end"]] for m in side["marks"]]
        for side in read["sides"]
    }
    assert words == {"members#3.1": ["7 天"], "shop#3.1": ["30 天"]}

    await log_in()
    page = (await web.get(f"/tasks/{held[0]}")).text
    assert sorted(marked(page)) == ["30 天", "30 天", "7 天", "7 天"]
    assert "Different values" in page
    for target in re.findall(r'class="said clashing" href="#(clause-\d)"', page):
        assert f'id="{target}"' in page

    (pair,) = await pairs(web, bearer)
    assert (pair["drafts"], pair["cases"], pair["authors"], pair["open"]) == (3, 3, 3, True)
    assert len(pair["evidence"]) == 3
    gaps = (await web.get("/gaps")).text
    assert sorted(marked(gaps)) == ["30 天", "7 天"]
    assert 'href="/documents/members#c-3.1"' in gaps
    assert 'href="/documents/shop#c-3.1"' in gaps
    assert f'href="/cases/{view.draft.case_id}"' in gaps
    assert marked((await web.get("/gaps?refusal=no_rule")).text) == []

    await publish("shop", 7)
    (pair,) = await pairs(web, bearer)
    assert pair["open"] is False
    assert [side["clause_id"] for side in pair["sides"] if not side["standing"]] == ["shop#3.1"]
    assert "Closed" in (await web.get("/gaps")).text
    assert await application.review.stale(held[0]) == (StaleReason.RULE_CHANGED,)
    fresh = await application.draft.redraft(view.draft.case_id or "")
    assert fresh.composition.refusal is None


async def test_a_pair_that_clashes_again_is_another_and_redrafts_count(
    application: Application,
    web: httpx.AsyncClient,
    bearer: KeyMaker,
    held: list[str],
    publish: Publish,
) -> None:
    view = await application.queries.task(held[0])
    assert view is not None
    await application.draft.redraft(view.draft.case_id or "")
    await publish("shop", 60)
    await application.draft.redraft(view.draft.case_id or "")
    now, before = await pairs(web, bearer)
    assert (now["open"], now["drafts"], now["cases"], now["evidence"]) == (True, 1, 1, [])
    assert (before["open"], before["drafts"], before["cases"]) == (False, 4, 3)


async def test_drafts_of_earlier_releases_still_load(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, held: list[str]
) -> None:
    async with application.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE draft_contexts SET payload = payload - 'conflict'")
    view = await application.queries.task(held[0])
    assert view is not None
    assert view.context == DraftContext.model_validate(view.context.model_dump())
    assert view.context.conflict is None
    await log_in()
    page = (await web.get(f"/tasks/{held[0]}")).text
    assert "Rules contradict each other" in page
    assert marked(page) == []
    assert "Clauses that contradict" not in (await web.get("/gaps")).text
