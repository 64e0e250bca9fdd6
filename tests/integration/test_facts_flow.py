"""Facts are counted from what is stored, with the page that shows what was counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.bootstrap import Application
from service.domain.base import Lang
from service.domain.draft import Fact
from service.domain.fact import FactAsk
from service.errors import InvalidInput, NotFound
from tests.plugins.radar import store

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
SINCE = datetime(2026, 3, 24, 16, tzinfo=UTC)
"""Midnight in Shanghai, seven days before that of NOW's day."""


async def ask(application: Application, *groups: str, **more: object) -> dict[str, Fact]:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    await application.radar.refresh(community)
    found = await application.facts.facts(FactAsk(community="acme", groups=groups, **more))
    assert len({fact.id for fact in found}) == len(found)
    return {fact.id: fact for fact in found}


def said(
    people: int, *, times: int = 1, day: float = 1, who: str = "p"
) -> list[tuple[str, datetime]]:
    """Each of so many people writes so often, some days after SINCE."""
    at = SINCE + timedelta(days=day)
    return [
        (f"{who}{n}", at + timedelta(minutes=n * times + k))
        for n in range(people)
        for k in range(times)
    ]


async def test_activity_beside_the_week_before(application: Application) -> None:
    await store(application, said(6, times=2))
    await store(application, said(4, day=-3))
    found = await ask(application, "activity", lang=Lang.EN)
    assert found["activity.messages"].value == "12 messages"
    assert found["activity.messages.before"].value == "4 messages"
    assert found["activity.messages.change"].value == "+8 messages"
    assert found["activity.messages.percent"].value == "+200%"
    assert found["activity.authors"].value == "6 people"
    assert found["activity.participation"].value == "100%"
    assert found["activity.top_ten"].value == "100%"
    link = found["activity.messages"].link
    assert link == "/trends?metric=messages&since=2026-03-25&until=2026-03-31"
    assert found["period.since"].value == "March 25, 2026"
    assert found["period.days"].value == "7 days"


async def test_few_writers_have_no_ranking(application: Application) -> None:
    await store(application, said(3))
    found = await ask(application, "activity")
    assert "activity.top_ten" not in found
    assert found["activity.authors"].value == "3 人"


async def test_response_times_of_nobody_are_left_out(application: Application) -> None:
    await store(application, said(5))
    found = await ask(application, "response_times")
    assert found["response_times.asked"].value == "5 条"
    assert found["response_times.answered_share"].value == "0%"
    assert "response_times.median" not in found


async def test_what_cannot_be_asked(application: Application) -> None:
    with pytest.raises(InvalidInput, match="moonphase"):
        await ask(application, "moonphase")
    with pytest.raises(InvalidInput, match="period"):
        await ask(application, "activity", start=NOW, end=NOW)
    with pytest.raises(InvalidInput, match="period"):
        await ask(application, "activity", start=NOW - timedelta(days=800), end=NOW)
    with pytest.raises(NotFound):
        await application.facts.facts(FactAsk(community="nobody", groups=("activity",)))


async def test_no_groups_no_facts(application: Application) -> None:
    assert await ask(application) == {}
