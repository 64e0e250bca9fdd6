"""What was asked most, who is new, what was published."""

from __future__ import annotations

from service.domain.draft import Fact
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
