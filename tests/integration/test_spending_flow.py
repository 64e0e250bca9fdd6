"""Budgets on a real database: what is settled, what is set aside, and that limits hold."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from service.bootstrap import Application
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.llm import LLMCall, LLMStatus
from service.domain.spend import Limit, Limits, Reservation
from service.errors import BudgetExceeded, InvalidInput
from service.flows.spending import SpendingFlow
from service.ports.spending import UsageFilter, UsageGroup
from tests.plugins.app import START, FrozenClock


def flow(
    application: Application, everywhere: Limits | None = None, each: Limits | None = None
) -> SpendingFlow:
    return SpendingFlow(
        uow=application.uow,
        everywhere=everywhere or Limits(),
        each=each or Limits(),
        clock=application.clock,
    )


def wish(number: int, tokens: int = 100, cost: float = 0.0, community: str = "acme") -> Reservation:
    return Reservation(id=f"llm_{number}", community=community, tokens=tokens, cost=cost, at=START)


def call(number: int, tokens: int = 40, **more: object) -> LLMCall:
    given = {
        "id": f"llm_{number}", "community": "acme", "feature": "draft.reply", "model": "m",
        "status": LLMStatus.OK, "prompt_tokens": tokens - 10, "completion_tokens": 10,
        "cost": 0.5, "latency_ms": 3, "error": None, "at": START, "provider": "main",
    } | more  # fmt: skip
    return LLMCall.model_validate(given)


async def beta(application: Application) -> None:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="beta", name=Bilingual(zh="乙", en="Beta")))
        await uow.commit()


async def test_an_estimate_counts_until_the_call_is_settled(application: Application) -> None:
    spending = flow(application, each=Limits(tokens_per_day=250))
    await spending.reserve(wish(1))
    await spending.reserve(wish(2))
    with pytest.raises(BudgetExceeded) as caught:
        await spending.reserve(wish(3))
    assert (caught.value.details["limit"], caught.value.details["scope"]) == (
        "tokens_per_day",
        "acme",
    )
    await spending.settle(call(1))
    await spending.reserve(wish(3))
    (gauge,) = (await spending.budget("acme")).community
    assert (gauge.limit, gauge.used, gauge.most) == (Limit.TOKENS_PER_DAY, 240, 250)


async def test_calls_at_the_same_moment_cannot_share_what_is_left(
    application: Application,
) -> None:
    flows = [flow(application, everywhere=Limits(tokens_per_month=1000)) for _ in range(4)]

    async def attempt(number: int) -> bool:
        try:
            await flows[number % 4].reserve(wish(number))
        except BudgetExceeded:
            return False
        return True

    won = await asyncio.gather(*(attempt(number) for number in range(25)))
    assert sum(won) == 10
    async with application.uow() as uow:
        assert (await uow.spending.spent(None, START)).tokens_per_month == 1000


async def test_money_stops_paid_calls_and_lets_free_ones_through(application: Application) -> None:
    spending = flow(application, each=Limits(cost_per_month=1.0))
    await spending.reserve(wish(1, cost=0.9))
    with pytest.raises(BudgetExceeded):
        await spending.reserve(wish(2, cost=0.2))
    await spending.reserve(wish(3, cost=0.0))


async def test_a_community_does_not_pay_for_another_but_all_pay_for_all(
    application: Application,
) -> None:
    await beta(application)
    each = flow(application, each=Limits(tokens_per_day=100))
    await each.reserve(wish(1))
    await each.reserve(wish(2, community="beta"))
    both = flow(application, everywhere=Limits(tokens_per_day=250))
    with pytest.raises(BudgetExceeded) as caught:
        await both.reserve(wish(3, community="beta"))
    assert caught.value.details["scope"] == "everywhere"


async def test_periods_begin_anew_in_utc(application: Application, clock: FrozenClock) -> None:
    clock.at = datetime(2026, 4, 30, 23, 0, tzinfo=UTC)
    spending = flow(application, each=Limits(tokens_per_day=100, tokens_per_month=150))
    await spending.reserve(wish(1).model_copy(update={"at": clock.at}))
    await spending.settle(call(1, 100, at=clock.at))
    with pytest.raises(BudgetExceeded):
        await spending.reserve(wish(2))
    clock.move(timedelta(hours=2))
    await spending.reserve(wish(3).model_copy(update={"at": clock.at}))
    async with application.uow() as uow:
        spent = await uow.spending.spent("acme", clock.at)
    assert (spent.tokens_per_day, spent.tokens_per_month) == (100, 100)


async def test_a_community_can_only_tighten(application: Application) -> None:
    spending = flow(application, each=Limits(tokens_per_day=100))
    set_wide = await spending.set_own(
        "acme", Limits(tokens_per_day=10**9, cost_per_day=2.0), by="wen"
    )
    assert set_wide.in_force == Limits(tokens_per_day=100, cost_per_day=2.0)
    set_tight = await spending.set_own("acme", Limits(tokens_per_day=10), by="wen")
    assert set_tight.in_force == Limits(tokens_per_day=10)
    with pytest.raises(BudgetExceeded):
        await spending.reserve(wish(1, tokens=11))
    with pytest.raises(InvalidInput):
        await spending.set_own("acme", Limits(cost_per_day=-1.0), by="wen")


async def test_without_limits_nothing_is_set_aside_and_the_ledger_still_counts(
    application: Application,
) -> None:
    spending = flow(application)
    await spending.reserve(wish(1, tokens=10**9))
    await spending.settle(call(1))
    async with application.uow() as uow:
        spent = await uow.spending.spent("acme", START)
    assert (spent.tokens_per_day, spent.cost_per_month) == (40, 0.5)


async def test_usage_is_summed_by_each_group_and_paged(application: Application) -> None:
    spending = flow(application)
    await beta(application)
    rows = [
        call(1),
        call(2, cached_tokens=20, feature="classify", provider="spare"),
        call(3, status=LLMStatus.TIMEOUT, error="timeout", provider="spare"),
        call(4, community="beta", at=START - timedelta(days=1), model="n"),
    ]
    for row in rows:
        await spending.settle(row)
    window = (START - timedelta(days=2), START + timedelta(days=1))

    async def keys(group: UsageGroup, community: str | None = None) -> list[tuple[str, int]]:
        where = UsageFilter(group, *window, community)
        page = await application.queries.usage(where)
        return [(row.key, row.calls) for row in page.items]

    assert await keys(UsageGroup.FEATURE) == [("classify", 1), ("draft.reply", 3)]
    assert await keys(UsageGroup.PROVIDER, "acme") == [("main", 1), ("spare", 2)]
    assert await keys(UsageGroup.COMMUNITY) == [("acme", 3), ("beta", 1)]
    assert await keys(UsageGroup.DAY) == [("2026-03-31", 1), ("2026-04-01", 3)]
    where = UsageFilter(UsageGroup.PROVIDER, *window)
    first = await application.queries.usage(where, limit=1)
    second = await application.queries.usage(where, cursor=first.cursor, limit=1)
    assert [row.key for row in (*first.items, *second.items)] == ["main", "spare"]
    assert second.cursor is None
    (spare,) = second.items
    assert (spare.failed, spare.prompt_tokens, spare.cached_tokens) == (1, 60, 20)
    assert (spare.completion_tokens, spare.cost) == (20, 1.0)
