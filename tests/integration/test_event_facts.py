"""Events are written down, measured, compared, and asked why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from service.bootstrap import Application
from service.domain.base import Lang
from service.domain.draft import Fact, HypothesisVerdict
from service.domain.event import Event, EventDetails
from service.domain.fact import FactAsk
from service.domain.post import PostBrief
from service.domain.triage import Sentiment
from service.errors import NotFound
from tests.plugins.radar import store

LAST = datetime(2026, 3, 20, 11, tzinfo=UTC)
"""Friday, 19:00 in Shanghai, when the newest event begins."""


def details(start: datetime = LAST, **changes: Any) -> EventDetails:
    base = {"name": "读书夜", "start": start, "end": start + timedelta(hours=2)}
    return EventDetails(**base | {"announced_at": start - timedelta(days=5)} | changes)


async def held(
    application: Application,
    start: datetime,
    *,
    active: int = 20,
    part: int = 10,
    back: int = 8,
    **said: Any,
) -> Event:
    """An event that so many of the active members came to, and what was written around it."""
    people = [f"{start:%d}-{n}" for n in range(active)]
    await store(application, [(one, start - timedelta(days=3)) for one in people])
    minutes = timedelta(minutes=5)
    await store(application, [(one, start + minutes) for one in people[:part]])
    mood = said.pop("sentiment", Sentiment.POSITIVE)
    after = [(one, start + timedelta(days=2)) for one in people[:back]]
    await store(application, after, sentiment=mood, category="event_feedback", severity=1)
    return await application.events.add("acme", details(start, **said), by="wen")


async def history(application: Application) -> None:
    for week in (4, 3, 2):
        start = LAST - timedelta(weeks=week)
        await held(application, start, registered=20, attended=15)


async def ask(application: Application, event: Event, *groups: str) -> dict[str, Fact]:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    await application.radar.refresh(community)
    wanted = FactAsk(community="acme", groups=groups, subject=event.id, lang=Lang.EN)
    found = await application.facts.facts(wanted)
    assert len({fact.id for fact in found}) == len(found)
    return {fact.id: fact for fact in found}


async def test_a_funnel_step_by_step(application: Application) -> None:
    event = await held(application, LAST, part=6, back=4, registered=12)
    found = await ask(application, event, "event_funnel")
    values = {key.removeprefix("event_funnel."): fact.value for key, fact in found.items()}
    assert values["name"] == "读书夜"
    assert values["start"] == "March 20, 2026, 19:00"
    assert values["active_before"] == "20 people"
    assert values["registered"] == "12 people"
    assert values["took_part"] == "6 people"
    assert values["gave_feedback"] == "4 people"
    assert values["participation.measure"] == "30%"
    assert values["lead_time.measure"] == "5 days"
    assert "attended" not in values
    link = found["event_funnel.gave_feedback"].link
    assert link == "/cases?category=event_feedback&since=2026-03-20&until=2026-03-27"
    assert not any(key.startswith("period") for key in found)


async def test_why_it_underperformed(application: Application) -> None:
    await history(application)
    event = await held(
        application,
        LAST,
        part=4,
        back=4,
        sentiment=Sentiment.NEGATIVE,
        announced_at=LAST - timedelta(hours=6),
        registered=20,
    )
    found = await ask(application, event, "hypotheses")
    verdicts = {
        fact.id.removeprefix("hypotheses."): fact.verdict for fact in found.values() if fact.verdict
    }
    supported, contradicted = HypothesisVerdict.SUPPORTED, HypothesisVerdict.CONTRADICTED
    assert verdicts["participation"] is supported
    assert verdicts["lead_time"] is supported
    assert verdicts["show_up"] is HypothesisVerdict.UNTESTED
    assert verdicts["clash"] is contradicted
    assert verdicts["return"] is contradicted
    assert found["comparables.participation.median"].value == "33.3%"
    assert found["comparables.events"].value == "3 events"
    for fact in found.values():
        assert set(fact.evidence) <= set(found)
    assert len(found["hypotheses.participation"].evidence) == 4


async def test_without_earlier_events_nothing_is_compared(application: Application) -> None:
    event = await held(application, LAST, part=1)
    found = await ask(application, event, "hypotheses")
    verdicts = {fact.verdict for fact in found.values() if fact.verdict}
    assert verdicts == {HypothesisVerdict.UNTESTED, HypothesisVerdict.CONTRADICTED}
    assert found["hypotheses.clash"].verdict is HypothesisVerdict.CONTRADICTED
    assert found["event_funnel.took_part"].value == "from fewer than 3 people, not listed"


async def test_an_event_close_by_is_a_clash(application: Application) -> None:
    await history(application)
    event = await held(application, LAST)
    await application.events.add("acme", details(LAST + timedelta(hours=20), name="其他"), by="w")
    found = await ask(application, event, "hypotheses")
    assert found["hypotheses.clash"].verdict is HypothesisVerdict.SUPPORTED
    assert found["event_funnel.clash.measure"].value == "1"


async def test_what_comes_a_week_later_is_not_known_at_once(application: Application) -> None:
    soon = application.clock.now() - timedelta(days=1)
    event = await held(application, soon, back=0)
    found = await ask(application, event, "event_funnel")
    assert "event_funnel.feedback.measure" not in found
    assert "event_funnel.participation.measure" in found


async def test_an_event_can_be_corrected_and_stays_in_its_community(
    application: Application,
) -> None:
    event = await application.events.add("acme", details(), by="wen")
    changed = await application.events.change(event.id, details(attended=9), by="lin")
    assert (changed.details.attended, changed.changed_by) == (9, "lin")
    again = await application.events.change(event.id, details(attended=9), by="bo")
    assert again.changed_by == "lin"
    with pytest.raises(NotFound):
        await application.events.change("event_none", details(), by="lin")
    with pytest.raises(NotFound):
        await application.facts.require(
            FactAsk(community="acme", groups=("hypotheses",), subject="event_none")
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": LAST},
        {"end": LAST + timedelta(days=40)},
        {"announced_at": LAST + timedelta(hours=1)},
        {"registered": -1},
        {"name": ""},
    ],
)
def test_impossible_events_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        details(**wrong)


async def test_a_retrospective_holds_the_table_and_no_finding(application: Application) -> None:
    await history(application)
    await held(application, LAST, part=4, back=4)
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
    assert community is not None
    await application.radar.refresh(community)
    for lang in Lang:
        brief = PostBrief.model_validate(
            {
                "kind": "event_retro",
                "lang": lang,
                "title": "复盘",
                "subject": "读书夜",
                "start": LAST - timedelta(days=7),
                "end": LAST + timedelta(days=7),
                "inputs": {"goal": "让更多新成员开口"},
            }
        )
        request = await application.content.request("acme", brief, "wen")
        (draft,) = await application.content.draft_due(request.id)
        async with application.uow() as uow:
            context = await uow.drafts.context(draft.context_id)
        assert context is not None
        assert sum(fact.verdict is not None for fact in context.facts) == 11
        assert draft.composition.numbers
        wrong = {one.check for one in draft.findings} & {
            "unsupported_number", "changed_number", "changed_direction",
            "untested_cause", "contradicted_cause",
        }  # fmt: skip
        assert wrong == set(), draft.composition.text


async def test_a_retrospective_of_nothing_is_refused(application: Application) -> None:
    brief = {"kind": "event_retro", "title": "复盘", "subject": "没有", "inputs": {"goal": "x"}}
    days = {"start": LAST, "end": LAST + timedelta(days=1)}
    with pytest.raises(NotFound):
        await application.content.request("acme", PostBrief.model_validate(brief | days), "wen")
