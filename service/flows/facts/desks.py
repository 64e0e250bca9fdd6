"""What each department should know, and where the rules leave a gap."""

from __future__ import annotations

from service.domain.draft import Fact
from service.domain.taxonomy import Department
from service.drafting.facts.sheet import Counted, Sheet
from service.errors import NotFound
from service.flows.facts.feedback import counted
from service.flows.facts.given import Given
from service.flows.facts.themes import living, name_of, named
from service.ports.insights import TrendGroup

MOST = 5
"""Categories and themes named for one department."""


async def department(given: Given) -> tuple[Fact, ...]:
    """Cases, severe and late ones, categories and themes, of one department or of each."""
    sheet = given.sheet("department", "figures.cells")
    cells = await given.cells(TrendGroup.DEPARTMENT, given.period)
    wanted = (given.subject,) if given.subject else tuple(one.value for one in Department)
    for one in wanted:
        if one in cells or given.subject:
            await _department(given, sheet, one)
    return sheet.facts


def require_department(name: str) -> None:
    """Whether there is such a department; empty means all.

    Raises:
        NotFound: there is none.
    """
    if name and name not in list(Department):
        raise NotFound(f"There is no department {name!r}.")


async def unanswered_rules(given: Given) -> tuple[Fact, ...]:
    """Cases whose draft found no rule, by category."""
    sheet = given.sheet("unanswered_rules", "figures.without_rule")
    community, before = given.community.id, given.period.before()
    now = await given.figures.without_rule(community, given.period)
    was = {cell.key: cell for cell in await given.figures.without_rule(community, before)}
    counts = sum(cell.cases for cell in now), sum(cell.cases for cell in was.values())
    sheet.count("cases", Counted(counts[0]), "cases", before=Counted(counts[1]))
    for cell in now:
        if cell.key:
            sheet.count(
                "category",
                counted(cell),
                "cases",
                before=counted(was.get(cell.key)),
                item=cell.key,
                link=given.page("/cases", category=cell.key),
                name=given.category(cell.key),
            )
    return sheet.facts


async def _department(given: Given, sheet: Sheet, key: str) -> None:
    name, periods = given.words.department(key, given.lang), (given.period, given.period.before())
    link = given.page("/cases", department=key)
    cells = [(await given.cells(TrendGroup.DEPARTMENT, one)).get(key) for one in periods]
    severe, late = [
        [await count(given.community.id, one, department=key) for one in periods]
        for count in (given.figures.severe, given.figures.late)
    ]
    for what, (now, before), where in (
        ("cases", cells, link),
        ("severe", severe, given.page("/cases", department=key, min_severity="3")),
        ("late", late, link),
    ):
        counts = counted(now), counted(before)
        sheet.count(what, counts[0], "cases", before=counts[1], item=key, link=where, name=name)
    await _categories(given, sheet, key, name)
    await _themes(given, sheet, key, name)


async def _categories(given: Given, sheet: Sheet, key: str, name: str) -> None:
    cells = await given.cells(TrendGroup.CATEGORY, given.period, department=key)
    for category in [one for one in cells if one][:MOST]:
        link = given.page("/cases", department=key, category=category)
        sheet.count(
            "category",
            counted(cells[category]),
            "cases",
            item=f"{key}.{category}",
            link=link,
            name=name,
            category=given.category(category),
        )


async def _themes(given: Given, sheet: Sheet, key: str, name: str) -> None:
    cells = await given.cells(TrendGroup.THEME, given.period, department=key)
    known = await living(given)
    told = [one for one in cells if one in known and named(given, known[one], cells[one])]
    for theme in told[:MOST]:
        sheet.count(
            "theme",
            counted(cells[theme]),
            "cases",
            item=f"{key}.{theme}",
            link=given.page("/cases", department=key, theme=theme),
            name=name,
            theme=name_of(given, known[theme]),
        )
