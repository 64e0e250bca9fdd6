"""An event and the ones before it, measured the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from service.domain.event import Event
from service.domain.fact import Period
from service.domain.triage import Sentiment
from service.drafting.facts.hypotheses import Measure, Spread, spread
from service.errors import NotFound
from service.flows.facts.given import Given
from service.ports.figures import Cell
from service.ports.insights import EventFunnel, TrendGroup

EARLIER = 8
"""Earlier events compared with, at most."""

AFTER = timedelta(days=7)
"""How long feedback is waited for."""

COMPLAINT = "complaint"

_MEMO = "event"


class Measured(NamedTuple):
    """An event with its funnel and what is known of each measure."""

    event: Event
    funnel: EventFunnel
    values: Mapping[Measure, Fraction | None]


class Beside(NamedTuple):
    """An event, the earlier ones, newest first, and what those had of each measure."""

    own: Measured
    earlier: tuple[Measured, ...]
    spreads: Mapping[Measure, Spread | None]


async def event_of(given: Given) -> Event:
    """The event asked about, by its id or name.

    Raises:
        NotFound: there is none in the community.
    """
    async with given.uow() as uow:
        event = await uow.events.find(given.community.id, given.subject)
    if event is None:
        raise NotFound("There is no such event; write it down under Events first.")
    return event


async def measured(given: Given) -> Beside:
    """The event and its earlier ones; counted once for one ask."""
    known = given.memo.get(_MEMO)
    if isinstance(known, Beside):
        return known
    event = await event_of(given)
    async with given.uow() as uow:
        before = await uow.events.earlier(given.community.id, event.start, EARLIER)
    own = await _measure(given, event)
    earlier = tuple([await _measure(given, one) for one in before])
    spreads = {
        one: spread([value for other in earlier if (value := other.values[one]) is not None])
        for one in Measure
    }
    found = given.memo[_MEMO] = Beside(own, earlier, spreads)
    return found


def around(given: Given, event: Event) -> Given:
    """The same ask over the days of an event and the week after."""
    zone = given.community.timezone
    start, end = given.local(event.details.start), given.local(event.details.end + AFTER)
    return replace(given, period=Period(since=start.date(), until=end.date(), timezone=zone))


async def _measure(given: Given, event: Event) -> Measured:
    details, community = event.details, given.community
    funnel = await given.insights.event(
        community.id, start=details.start, end=details.end, channel=details.channel or None
    )
    found = await given.figures.around(event, community.timezone)
    values = {
        Measure.REACH: _whole(found.reach),
        Measure.LEAD_TIME: _lead(event),
        Measure.SLOT: None if found.slot is None else Fraction(found.slot).limit_denominator(168),
        Measure.CLASH: Fraction(found.clashes),
        Measure.INTEREST: _share(given, funnel.asked, funnel.active_before),
        Measure.PARTICIPATION: _share(given, funnel.took_part, funnel.active_before),
        Measure.SHOW_UP: _share(given, details.attended, details.registered),
    }
    return Measured(event, funnel, values | await _afterwards(given, event, funnel))


async def _afterwards(
    given: Given, event: Event, funnel: EventFunnel
) -> dict[Measure, Fraction | None]:
    """What is known only a week after the end."""
    if given.now < event.details.end + AFTER:
        late = (Measure.FEEDBACK, Measure.RETURN, Measure.NEGATIVE, Measure.COMPLAINTS)
        return dict.fromkeys(late)
    near = around(given, event)
    moods = await near.cells(TrendGroup.SENTIMENT, near.period)
    kinds = await near.cells(TrendGroup.CATEGORY, near.period)
    return {
        Measure.FEEDBACK: _share(given, funnel.gave_feedback, funnel.took_part),
        Measure.RETURN: _share(given, funnel.came_back, funnel.took_part),
        Measure.NEGATIVE: _of_all(given, moods, Sentiment.NEGATIVE),
        Measure.COMPLAINTS: _of_all(given, kinds, COMPLAINT),
    }


def _of_all(given: Given, cells: Mapping[str, Cell], key: str) -> Fraction | None:
    if not given.enough(cells, key):
        return None
    part = cells[key].cases if key in cells else 0
    return _share(given, part, sum(cell.cases for cell in cells.values()))


def _share(given: Given, part: int | None, whole: int | None) -> Fraction | None:
    """None where one is unknown or the whole is too small to tell anything."""
    if part is None or whole is None or whole < max(1, given.floor):
        return None
    return Fraction(part, whole)


def _lead(event: Event) -> Fraction | None:
    told = event.details.announced_at
    return None if told is None else Fraction((event.start - told).total_seconds())


def _whole(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)
