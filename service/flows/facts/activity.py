"""How much was written and by whom, and how fast members were answered."""

from __future__ import annotations

from fractions import Fraction

from service.domain.draft import Fact
from service.drafting.facts.sheet import Counted
from service.flows.facts.given import Given

_FIGURES = (
    ("messages", "messages"),
    ("effective_messages", "messages"),
    ("authors", "people"),
    ("effective_authors", "people"),
)


async def period(given: Given) -> tuple[Fact, ...]:
    """Which days were counted."""
    sheet = given.sheet("period", "calendar")
    sheet.when("since", given.period.since)
    sheet.when("until", given.period.until)
    sheet.count("days", Counted(given.period.days), "days")
    return sheet.facts


async def activity(given: Given) -> tuple[Fact, ...]:
    """Messages and their authors, beside the period before; who takes part, and who dominates."""
    sheet = given.sheet("activity", "participation")
    now = await given.participation(given.period)
    before = await given.participation(given.period.before())
    for name, unit in _FIGURES:
        sheet.count(
            name,
            Counted(getattr(now.total, name)),
            unit,
            before=Counted(getattr(before.total, name)),
            link=given.page("/trends", metric="messages"),
        )
    sheet.share("participation", now.total.effective_authors, now.total.authors)
    effective = now.total.effective_messages
    for name, share in (
        ("top_ten", now.top_10_authors_share),
        ("top_tenth", now.top_tenth_share),
    ):
        if share is not None and now.total.effective_authors > given.floor:
            sheet.share(name, Fraction(round(share * effective)), effective)
    return sheet.facts


async def response_times(given: Given) -> tuple[Fact, ...]:
    """From a case's first message to the first answer."""
    sheet = given.sheet("response_times", "participation.response")
    now = (await given.participation(given.period)).response
    before = (await given.participation(given.period.before())).response
    cases = given.page("/cases")
    for name in ("asked", "answered", "in_time"):
        counts = Counted(getattr(now, name)), Counted(getattr(before, name))
        sheet.count(name, counts[0], "cases", before=counts[1], link=cases)
    sheet.share("answered_share", now.answered, now.asked)
    sheet.share("in_time_share", now.in_time, now.asked)
    sheet.length("median", now.median_s)
    sheet.length("median_before", before.median_s)
    sheet.length("p90", now.p90_s)
    return sheet.facts
