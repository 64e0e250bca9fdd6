"""Cases by category, weight and mood, beside the period before."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from service.domain.draft import Fact
from service.domain.triage import Sentiment
from service.drafting.facts.sheet import Counted
from service.flows.facts.given import Given
from service.ports.figures import Cell
from service.ports.insights import TrendGroup

MOST = 8
"""Categories named."""

NOBODY = Cell(key="", cases=0, people=0)


def counted(cell: Cell | None) -> Counted:
    """A cell for a sheet."""
    return Counted(cell.cases, cell.people) if cell else Counted(0, 0)


def total(cells: Mapping[str, Cell]) -> int:
    """Cases of all cells."""
    return sum(cell.cases for cell in cells.values())


async def feedback(given: Given) -> tuple[Fact, ...]:
    """All cases, the severe ones, and the largest categories."""
    sheet = given.sheet("feedback", "figures.cells")
    now = await given.cells(TrendGroup.CATEGORY, given.period)
    before = await given.cells(TrendGroup.CATEGORY, given.period.before())
    counts = Counted(total(now)), Counted(total(before))
    sheet.count("cases", counts[0], "cases", before=counts[1], link=given.page("/cases"))
    community, periods = given.community.id, (given.period, given.period.before())
    severe = [await given.figures.severe(community, one, department=None) for one in periods]
    link = given.page("/cases", min_severity="3")
    counts = counted(severe[0]), counted(severe[1])
    sheet.count("severe", counts[0], "cases", before=counts[1], link=link)
    for key in _largest(now, before):
        sheet.count(
            "category",
            counted(now.get(key)),
            "cases",
            before=counted(before.get(key)),
            item=key,
            link=given.page("/cases", category=key),
            name=given.category(key),
        )
    if "" in now:
        sheet.count("abstained", counted(now[""]), "cases", before=counted(before.get("")))
    return sheet.facts


async def sentiment(given: Given) -> tuple[Fact, ...]:
    """Moods and the share of the negative and positive ones."""
    sheet = given.sheet("sentiment", "figures.cells")
    now = await given.cells(TrendGroup.SENTIMENT, given.period)
    before = await given.cells(TrendGroup.SENTIMENT, given.period.before())
    link = given.page("/trends", group="sentiment")
    for mood in Sentiment:
        key = mood.value
        counts = counted(now.get(key)), counted(before.get(key))
        sheet.count(key, counts[0], "cases", before=counts[1], link=link)
    if given.enough(now, Sentiment.NEGATIVE):
        share, was = _share(now, Sentiment.NEGATIVE), _share(before, Sentiment.NEGATIVE)
        sheet.share("negative_share", share, 1, link=link)
        if given.enough(before, Sentiment.NEGATIVE):
            sheet.share("negative_share_before", was, 1)
            sheet.points("negative_share_change", share - was)
    if given.enough(now, Sentiment.POSITIVE):
        sheet.share("positive_share", _share(now, Sentiment.POSITIVE), 1, link=link)
    return sheet.facts


def _share(cells: Mapping[str, Cell], key: str) -> Fraction:
    return Fraction(cells[key].cases if key in cells else 0, max(1, total(cells)))


def _largest(now: Mapping[str, Cell], before: Mapping[str, Cell]) -> list[str]:
    """Categories with most cases in either period; a tie goes by name."""
    most = {
        key: (now.get(key, NOBODY).cases, before.get(key, NOBODY).cases)
        for key in {*now, *before}
        if key
    }
    return sorted(most, key=lambda key: (-max(most[key]), key))[:MOST]
