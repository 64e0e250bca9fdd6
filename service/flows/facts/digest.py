"""What was asked most, who is new, what was published, what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator

from service.domain.draft import Fact
from service.domain.incident import Incident, IncidentStatus
from service.drafting.facts import shown
from service.drafting.facts.sheet import Counted
from service.flows.facts.given import Given

MOST = 10
"""Questions told."""


async def top_questions(given: Given) -> tuple[Fact, ...]:
    """Asked by most people, with the newest approved answer."""
    sheet = given.sheet("top_questions", "figures.questions")
    found = await given.figures.questions(
        given.community.id, given.period, least=given.floor, limit=MOST
    )
    for rank, one in enumerate(found, start=1):
        item, link = str(rank), f"/cases/{one.case_id}"
        sheet.count("people", Counted(one.people), "people", item=item, link=link, rank=item)
        key, answer = ("answer", given.clean(one.answer)) if one.answer else ("unanswered", "—")
        sheet.say(key, answer, item=item, link=link, quote=one.excerpt, rank=item)
    return sheet.facts


async def welcome(given: Given) -> tuple[Fact, ...]:
    """Members who wrote for the first time."""
    sheet = given.sheet("welcome", "figures.newcomers")
    community, before = given.community.id, given.period.before()
    now = await given.figures.newcomers(community, given.period)
    was = await given.figures.newcomers(community, before)
    for name, pair in (
        ("newcomers", (now.people, was.people)),
        ("returned", (now.returned, was.returned)),
    ):
        sheet.count(
            name,
            Counted(pair[0]),
            "people",
            before=Counted(pair[1]),
            link=given.page("/trends", metric="messages"),
        )
    sheet.share("returned_share", now.returned, now.people)
    return sheet.facts


async def posts(given: Given) -> tuple[Fact, ...]:
    """What left, and when."""
    sheet = given.sheet("posts", "figures.published")
    community, before = given.community.id, given.period.before()
    found = await given.figures.published(community, given.period)
    was = await given.figures.published(community, before)
    sheet.count("posts", Counted(len(found)), "posts", before=Counted(len(was)), link="/posts")
    for one in found:
        link = f"/posts/{one.request_id}"
        at = given.local(one.at)
        sheet.when("at", at, item=one.request_id, link=link, title=given.clean(one.title))
    return sheet.facts


async def incidents(given: Given) -> tuple[Fact, ...]:
    """How many, how grave, how long."""
    sheet = given.sheet("incidents", "insights.incidents")
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
    return sheet.facts


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
