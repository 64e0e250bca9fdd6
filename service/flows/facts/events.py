"""An event beside earlier ones, and what the data say of why it went as it did."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from service.domain.draft import Fact
from service.domain.event import Event
from service.drafting.facts.hypotheses import Measure, judge
from service.drafting.facts.sheet import Counted, Kind, Sheet
from service.flows.facts.event_measures import COMPLAINT, Beside, around, measured
from service.flows.facts.feedback import counted
from service.flows.facts.given import Given
from service.flows.facts.themes import living, name_of, named
from service.ports.insights import TrendGroup

_FUNNEL = ("active_before", "asked", "took_part", "newcomers", "gave_feedback", "came_back")
_ASIDE = {"asked": "event_question", "gave_feedback": "event_feedback"}
"""Steps of the funnel that are a category of cases."""

_KINDS = {Measure.REACH: Kind.PEOPLE, Measure.LEAD_TIME: Kind.LENGTH, Measure.CLASH: Kind.NUMBER}
"""How measures are shown; the others are shares."""

THEMES = 3
"""Themes named around one event."""


async def event_funnel(given: Given) -> tuple[Fact, ...]:
    """What is known of the event, step by step, and what was spoken of around it."""
    beside = await measured(given)
    event = beside.own.event
    near = around(given, event)
    sheet = near.sheet("event_funnel", f"insights.event {event.id}")
    _details(given, sheet, event)
    for name in _FUNNEL:
        people, aside = getattr(beside.own.funnel, name), _ASIDE.get(name)
        link = near.page("/cases", category=aside) if aside else near.page("/cases")
        sheet.count(name, Counted(people, people), "people", link=link)
    for measure in Measure:
        link = _page(near, measure, event)
        _show(sheet, "measure", measure, beside.own.values[measure], link)
    await _themes(near, sheet)
    return sheet.facts


async def comparables(given: Given) -> tuple[Fact, ...]:
    """What earlier events had: median and spread of each measure."""
    beside = await measured(given)
    sheet = given.sheet("comparables", f"insights.event {beside.own.event.id}")
    sheet.count("events", Counted(len(beside.earlier)), "events", link="/events")
    for one in beside.earlier:
        event = one.event
        sheet.say("event", event.details.name, item=event.id, link=f"/events/{event.id}")
    for measure, found in beside.spreads.items():
        if found is not None:
            for key, value in found._asdict().items():
                _show(sheet, key, measure, value, "/events")
    return sheet.facts


async def hypotheses(given: Given) -> tuple[Fact, ...]:
    """Each candidate cause with its verdict and the facts it rests on."""
    beside = await measured(given)
    sheet = given.sheet("hypotheses", f"insights.event {beside.own.event.id}")
    for measure in Measure:
        value, others = beside.own.values[measure], beside.spreads[measure]
        verdict = judge(measure, value, others)
        said = given.words.label("verdicts", verdict.value, given.lang)
        sheet.verdict(measure.value, said, verdict, _evidence(beside, measure))
    return sheet.facts


def _details(given: Given, sheet: Sheet, event: Event) -> None:
    details, link = event.details, f"/events/{event.id}"
    sheet.say("name", details.name, link=link)
    sheet.when("start", given.local(details.start), link=link)
    sheet.when("end", given.local(details.end), link=link)
    if details.announced_at is not None:
        sheet.when("announced_at", given.local(details.announced_at), link=link)
    for name, number in (("registered", details.registered), ("attended", details.attended)):
        if number is not None:
            sheet.count(name, Counted(number, number), "people", link=link)


def _show(sheet: Sheet, key: str, measure: Measure, value: Fraction | None, link: str) -> None:
    if value is not None:
        name = sheet.words.label("measures", measure.value, sheet.lang)
        kind = _KINDS.get(measure, Kind.SHARE)
        sheet.quantity(key, value, kind, item=measure.value, link=link, name=name)


def _page(near: Given, measure: Measure, event: Event) -> str:
    pages: Mapping[Measure, str] = {
        Measure.NEGATIVE: near.page("/trends", group="sentiment"),
        Measure.COMPLAINTS: near.page("/cases", category=COMPLAINT),
    }
    return pages.get(measure, f"/events/{event.id}")


async def _themes(near: Given, sheet: Sheet) -> None:
    cells, known = await near.cells(TrendGroup.THEME, near.period), await living(near)
    told = [key for key in cells if key in known and named(near, known[key], cells[key])]
    for key in told[:THEMES]:
        link, name = near.page("/cases", theme=key), name_of(near, known[key])
        sheet.count("theme", counted(cells[key]), "cases", item=key, link=link, name=name)


def _evidence(beside: Beside, measure: Measure) -> tuple[str, ...]:
    """The facts there are; an untested cause may still have one half of them."""
    own = (f"event_funnel.{measure}.measure",) if beside.own.values[measure] is not None else ()
    if beside.spreads[measure] is None:
        return own
    return (*own, *(f"comparables.{measure}.{key}" for key in ("median", "low", "high")))
