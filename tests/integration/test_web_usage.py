"""Usage and budgets over the API and on the page; drafts when the budget is spent."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.draft import Origin
from service.domain.llm import LLMCall, LLMStatus
from service.domain.spend import Limits
from service.errors import ConfigurationError
from service.settings import BudgetSettings, LLMSettings, Settings
from tests.plugins._provider import says, serve
from tests.plugins.app import START
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

REPLY = {
    "text": "会员购买后七天内、使用不超过三次的，可以按《会员规则》3.1 申请全额退款。",
    "citations": ["membership#3.1"],
    "refusal": None,
    "refusal_reason": "",
}


def call(number: int, **more: object) -> LLMCall:
    given = {
        "id": f"llm_{number}", "community": "acme", "feature": "draft.reply", "model": "m",
        "status": LLMStatus.OK, "prompt_tokens": 900, "completion_tokens": 100,
        "cost": 0.5, "latency_ms": 3, "error": None, "at": START, "provider": "main",
    } | more  # fmt: skip
    return LLMCall.model_validate(given)


@pytest.fixture
async def spent(application: Application) -> None:
    """Three calls in two communities."""
    async with application.uow() as uow:
        await uow.communities.save(Community(id="beta", name=Bilingual(zh="乙", en="Beta")))
        for one in (call(1), call(2, feature="classify"), call(3, community="beta")):
            await uow.llm_calls.add(one)
        await uow.commit()


async def test_usage_by_group(web: httpx.AsyncClient, bearer: KeyMaker, spent: None) -> None:
    key = await bearer(Scope.ADMIN)
    answer = (await web.get("/v1/llm/usage?community=acme&group=feature", headers=key)).json()
    assert answer["currency"] == "CNY"
    assert [(one["key"], one["calls"], one["cost"]) for one in answer["items"]] == [
        ("classify", 1, 0.5),
        ("draft.reply", 1, 0.5),
    ]
    every = (await web.get("/v1/llm/usage?group=community&limit=1", headers=key)).json()
    assert [one["key"] for one in every["items"]] == ["acme"]
    rest = await web.get(
        "/v1/llm/usage", params={"group": "community", "cursor": every["cursor"]}, headers=key
    )
    assert [one["key"] for one in rest.json()["items"]] == ["beta"]
    later = (START + timedelta(days=1)).isoformat()
    none = await web.get("/v1/llm/usage", params={"since": later}, headers=key)
    assert none.json()["items"] == []


async def test_a_key_of_one_community_sees_its_own(
    web: httpx.AsyncClient, bearer: KeyMaker, spent: None
) -> None:
    bound = await bearer(Scope.ADMIN, community="beta")
    own = (await web.get("/v1/llm/usage?group=community", headers=bound)).json()["items"]
    assert [one["key"] for one in own] == ["beta"]
    other = await web.get("/v1/llm/usage?community=acme", headers=bound)
    assert other.status_code == 403
    assert (await web.get("/v1/llm/budget?community=acme", headers=bound)).status_code == 403
    weak = await bearer(Scope.CASES_READ)
    assert (await web.get("/v1/llm/usage", headers=weak)).status_code == 403


async def test_a_budget_is_set_and_read(
    web: httpx.AsyncClient, bearer: KeyMaker, spent: None
) -> None:
    key = await bearer(Scope.ADMIN)
    path = "/v1/llm/budget?community=acme"
    body = {"tokens_per_day": 2400, "cost_per_month": 100}
    first = (await web.put(path, json=body, headers=key)).json()
    assert first == (await web.put(path, json=body, headers=key)).json()
    assert first == (await web.get(path, headers=key)).json()
    states = {one["limit"]: (one["used"], one["state"]) for one in first["community"]}
    assert states == {"tokens_per_day": (2000, "warning"), "cost_per_month": (1.0, "free")}
    for bad in ({"tokens_per_day": -1}, {"cost_per_day": "much"}, {"tokens_per_year": 1}):
        assert (await web.put(path, json=bad, headers=key)).status_code == 422


async def test_the_page_shows_bars_and_warns(
    web: httpx.AsyncClient, log_in: LogIn, spent: None, application: Application
) -> None:
    await log_in()
    page = await web.get("/usage")
    assert "No limit is set." in page.text
    assert "Replies" in page.text
    form = {"csrf": csrf_of(page.text), "tokens_per_day": "2400", "cost_per_day": ""}
    done = await web.post("/usage/limits", data=form)
    assert done.status_code == 303
    warned = (await web.get("/usage")).text
    assert "More than 80% of a limit is used" in warned
    assert "2,000 / 2,400" in warned
    assert (await application.spending.budget("acme")).own == Limits(tokens_per_day=2400)
    stopped = await web.post("/usage/limits", data=form | {"tokens_per_day": "2000"})
    assert stopped.status_code == 303
    assert "A limit is reached" in (await web.get("/usage")).text
    wrong = await web.post("/usage/limits", data=form | {"tokens_per_day": "1.5"})
    assert (wrong.status_code, "whole numbers" in wrong.text) == (422, True)


@pytest.mark.parametrize(
    "query", ["by=day", "by=provider&days=7", "by=community&scope=all", "by=x"]
)
async def test_the_page_sums_by_each_group(
    web: httpx.AsyncClient, log_in: LogIn, spent: None, query: str
) -> None:
    await log_in(lang=Lang.ZH)
    page = await web.get(f"/usage?{query}")
    assert page.status_code == 200
    assert "用量" in page.text


async def test_a_bad_cursor_and_strangers_are_refused(
    web: httpx.AsyncClient, log_in: LogIn, bearer: KeyMaker
) -> None:
    key = await bearer(Scope.ADMIN)
    assert (await web.get("/v1/llm/usage?cursor=x", headers=key)).status_code == 422
    assert (await web.get("/usage")).status_code == 303


async def test_drafts_degrade_when_the_budget_is_spent(
    application: Application, settings: Settings, seed: Seed, rules: None, web: httpx.AsyncClient,
    log_in: LogIn,
) -> None:  # fmt: skip
    async with serve(says(json.dumps(REPLY, ensure_ascii=False))) as provider:
        llm = LLMSettings(
            base_url=provider.url,
            model="m",
            price_in=1000.0,
            max_retries=0,
            budget=BudgetSettings(tokens_per_month=5000),
        )
        use_model(application, settings, llm)
        tasks = await seed("我要退款，会员", "退款怎么办，第二个人")
        asked = len(provider.bodies)
        views = [await application.queries.task(task) for task in tasks]
        first = [view.draft.composition for view in views if view is not None]
        await application.spending.set_own("acme", Limits(tokens_per_day=1), by="test")
        (third,) = await seed({**item_of("退款呢，第三个人")})
    assert [one.origin for one in first] == [Origin.MODEL, Origin.MODEL]
    assert asked == len(provider.bodies) >= 2, "nothing is sent once the budget is spent"
    view = await application.queries.task(third)
    assert view is not None
    composed = view.draft.composition
    assert (composed.origin, composed.degraded_because) == (Origin.TEMPLATE, "budget")
    assert [(p.provider, p.reason) for p in composed.passed_over] == [("default", "budget")]
    await log_in()
    assert "The budget for language models is spent" in (await web.get(f"/tasks/{third}")).text
    async with application.uow() as uow:
        spent = await uow.spending.spent("acme", application.clock.now())
    assert spent.tokens_per_day == 120 * asked, "120 tokens an answer; no estimate is left over"
    assert spent.cost_per_day == pytest.approx(0.1 * asked)


async def test_a_service_does_not_start_without_a_key_it_was_told_of(
    application: Application, settings: Settings
) -> None:
    provider = {
        "name": "main", "base_url": "http://127.0.0.1:9/v1", "model": "m",
        "api_key_ref": "env:NOT_SET_ANYWHERE",
    }  # fmt: skip
    use_model(application, settings, LLMSettings.model_validate({"providers": [provider]}))
    with pytest.raises(ConfigurationError, match="provider 'main' is not in env:NOT_SET"):
        await application.warm_up()


def item_of(text: str) -> dict[str, object]:
    return {
        "source": "wechat", "external_id": "late", "author": "late", "text": text,
        "channel": "main", "sent_at": "2026-04-01T04:00:00Z",
    }  # fmt: skip


def use_model(application: Application, settings: Settings, llm: LLMSettings) -> None:
    """As if the application had been opened with these settings."""
    application.settings = settings.model_copy(update={"llm": llm})
    for name in ("chat", "spending", "draft"):
        vars(application).pop(name, None)
