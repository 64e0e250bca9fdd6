"""A reviewer sees what the model had as background, apart from the sources."""

from __future__ import annotations

import re

import httpx
import pytest

from service.bootstrap import Application
from service.domain.llm import ChatReply, ChatRequest
from service.domain.review import Verdict
from service.errors import PermanentProviderError
from service.flows import background as module
from service.flows.review import Ruling
from service.ports.models import OnDelta
from tests.plugins.web import LogIn, Seed, item

ANSWER = "你好，会员购买后七天内可以申请退款，<b>请提交</b>。"


def background_of(page: str) -> str:
    found = re.search(r'<details class="evidence background">.*?</details>', page, re.DOTALL)
    return found[0] if found else ""


class Away:
    """A model that is configured, so that background is gathered, and never answers."""

    name = "away"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        raise PermanentProviderError("Not today.", reason="rejected")


@pytest.fixture
def chat(keyword_triage: Application) -> None:
    vars(keyword_triage).update(chat=Away())


async def test_the_thread_and_the_approved_reply_are_shown_as_no_source(
    application: Application,
    web: httpx.AsyncClient,
    log_in: LogIn,
    seed: Seed,
    rules: None,
    chat: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SIMILAR", 0.1)  # the hashing embedder knows letters alone
    (answered,) = await seed(item(1, "我要退款，会员上周买的，还没有用过", channel="c1"))
    view = await application.queries.task(answered)
    assert view is not None
    newest = view.revisions[-1].hash
    ruling = Ruling(Verdict.APPROVE_EDITED, newest, text=ANSWER, acknowledge=True)
    await application.review.decide(answered, "ann", ruling)
    _, later = await seed(
        item(2, "谢谢，电话 13812345678", thread="t"),
        item(3, "我要退款，会员昨天买的，不想用了，能退多少", thread="t"),
    )
    await log_in()
    shown = background_of((await web.get(f"/tasks/{later}")).text)
    assert "no source" in shown
    assert "Somebody else" in shown
    assert "[PHONE_1]" in shown
    assert "13812345678" not in shown
    assert "&lt;b&gt;请提交" in shown
    assert f'href="/cases/{view.draft.case_id}"' in shown


async def test_without_background_nothing_is_said_of_it(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None
) -> None:
    (task_id,) = await seed("我要退款")
    await log_in()
    assert background_of((await web.get(f"/tasks/{task_id}")).text) == ""
