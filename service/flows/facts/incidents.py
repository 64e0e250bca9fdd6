"""What broke the community's rhythm."""

from __future__ import annotations

from collections.abc import AsyncIterator

from service.domain.draft import Fact
from service.domain.incident import Incident, IncidentStatus
from service.drafting.facts import shown
from service.drafting.facts.sheet import Counted, Sheet
from service.errors import NotFound
from service.flows.facts.given import Given


async def incidents(given: Given) -> tuple[Fact, ...]:
    """Of a period: how many, how grave, how long. Of one incident: what members may be told."""
    sheet = given.sheet("incidents", "insights.incidents")
    if given.subject:
        await _one(given, sheet)
    elif given.dated:
        await _period(given, sheet)
    return sheet.facts


async def incident_of(given: Given) -> Incident:
    """The incident asked about.

    Raises:
        NotFound: there is none of this id in the community.
    """
    async with given.uow() as uow:
        found = await uow.radar.incident(given.subject)
    if found is None or found.community != given.community.id:
        raise NotFound("There is no such incident.")
    return found


async def _one(given: Given, sheet: Sheet) -> None:
    incident = await incident_of(given)
    link = f"/radar/{incident.id}"
    async with given.uow() as uow:
        alerts = await uow.radar.alerts_of(incident.id)
    people = max((alert.authors for alert in alerts), default=0)
    sheet.when("since", given.local(incident.opened_at), item=incident.id, link=link)
    if people:
        counted = Counted(people, people)
        sheet.count("people", counted, "people", item=incident.id, link=link)


async def _period(given: Given, sheet: Sheet) -> None:
    found = [one async for one in _incidents(given)]
    still = sum(one.status is not IncidentStatus.CLOSED for one in found)
    sheet.count("incidents", Counted(len(found)), "incidents", link="/radar")
    sheet.count("open", Counted(still), "incidents", link="/radar")
    for one in found:
        at = shown.moment(given.local(one.opened_at), given.lang)
        link = f"/radar/{one.id}"
        sheet.say("level", str(one.level), item=one.id, link=link, at=at)
        for key, end in (("acknowledged_after", one.acknowledged_at), ("lasted", one.closed_at)):
            if end is not None:
                seconds = (end - one.opened_at).total_seconds()
                sheet.length(key, seconds, item=one.id, link=link, at=at)


async def _incidents(given: Given) -> AsyncIterator[Incident]:
    """Those opened within the period, newest first."""
    cursor = None
    while True:
        page = await given.insights.incidents(given.community.id, cursor=cursor, limit=200)
        for one in page.items:
            if one.opened_at < given.period.start:
                return
            if one.opened_at < given.period.end:
                yield one
        if (cursor := page.cursor) is None:
            return
