"""What many cases are about: what grew, what is new, what was resolved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.domain.draft import Fact
from service.domain.theme import ThemeStatus
from service.domain.views import ThemeRow
from service.drafting.facts.sheet import Counted, Sheet
from service.flows.facts.feedback import NOBODY, counted
from service.flows.facts.given import Given
from service.ports.figures import Cell
from service.ports.insights import TrendGroup
from service.ports.queries import ThemeFilter

MOST = 8
"""Themes named."""

_PAGE = 200


async def themes(given: Given) -> tuple[Fact, ...]:
    """Themes with most cases in the period, sorted into growing, new, resolved and other. A theme
    that few people spoke of is only counted."""
    sheet = given.sheet("themes", "figures.cells")
    now = await given.cells(TrendGroup.THEME, given.period)
    before = await given.cells(TrendGroup.THEME, given.period.before())
    known = await living(given)
    found = [key for key in {**now, **before} if key in known]
    told = [key for key in found if named(given, known[key], now.get(key, NOBODY))]
    for key in sorted(told, key=lambda key: _rank(key, now, before))[:MOST]:
        _put(given, sheet, known[key], now.get(key), before.get(key))
    if hidden := sum(key in now for key in found) - sum(key in now for key in told):
        sheet.count("hidden", Counted(hidden), "themes")
    return sheet.facts


async def living(given: Given) -> Mapping[str, ThemeRow]:
    """The largest themes that are alive, by id."""
    where = ThemeFilter(min_authors=given.floor)
    page = await given.queries.themes(given.community.id, where, now=given.now, limit=_PAGE)
    return {row.theme_id: row for row in page.items}


def named(given: Given, row: ThemeRow, cell: Cell) -> bool:
    """Whether it may be named: enough people spoke of it, ever and within the period."""
    return not row.hidden and (cell.people == 0 or cell.people >= given.floor)


def name_of(given: Given, row: ThemeRow) -> str:
    """What it is called."""
    return {"zh": row.name_zh, "en": row.name_en}[given.lang.value]


def _rank(key: str, now: Mapping[str, Cell], before: Mapping[str, Cell]) -> tuple[int, int, str]:
    """What changed most comes first."""
    cases, were = now.get(key, NOBODY).cases, before.get(key, NOBODY).cases
    return (-abs(cases - were), -cases, key)


def _put(given: Given, sheet: Sheet, row: ThemeRow, now: Cell | None, before: Cell | None) -> None:
    sheet.count(
        _kind(row, now, before, since=given.period.start),
        counted(now),
        "cases",
        before=counted(before),
        item=row.theme_id,
        link=given.page("/cases", theme=row.theme_id),
        name=name_of(given, row),
    )


def _kind(row: ThemeRow, now: Cell | None, before: Cell | None, *, since: datetime) -> str:
    cases, were = (now or NOBODY).cases, (before or NOBODY).cases
    if row.status is ThemeStatus.RESOLVED:
        return "resolved"
    if row.first_at >= since:
        return "new"
    return "growing" if cases > were else "other"
