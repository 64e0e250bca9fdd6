"""Earlier results, hours and topics beside a new brief."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.domain.advice import LEAST_CASES, Advice, Topic
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.fact import Period
from service.domain.result import usual
from service.domain.slots import WEEKS, SlotAdvice, advise
from service.domain.theme import ThemeStatus
from service.domain.views import ThemeRow
from service.ports.clock import Clock
from service.ports.figures import Cell, Figures
from service.ports.insights import TrendGroup
from service.ports.queries import Queries, ThemeFilter
from service.ports.results import ResultFilter

LAST_POSTS = 30
"""Posts a median looks back on."""

MOST_TOPICS = 5

_THEMES = 200
_SETTLED = (ThemeStatus.RESOLVED, ThemeStatus.IGNORED)
_NONE = Cell(key="", cases=0, people=0)


class AdviceFlow:
    """Reads only. `floor` is the least number of people a shown count rests on."""

    def __init__(self, *, queries: Queries, figures: Figures, floor: int, clock: Clock) -> None:
        self._queries, self._figures = queries, figures
        self._floor, self._clock = floor, clock

    async def advice(
        self, community: Community, *, kind: str | None, channel: str | None = None
    ) -> Advice:
        """For a post of a kind (None: any) in a channel (None: any). Hours that are quiet in the
        channel are left out, without one those that are quiet in any."""
        where = ResultFilter(kind=kind, channel=channel)
        page = await self._queries.outcomes(community.id, where, limit=LAST_POSTS)
        return Advice(
            outcomes=page.items,
            usual=usual(page.items),
            slot=await self._slot(community, channel),
            topics=await self._topics(community),
        )

    async def _slot(self, community: Community, channel: str | None) -> SlotAdvice:
        zone, now = ZoneInfo(community.timezone), self._clock.now()
        until = datetime.combine(now.astimezone(zone).date(), time(), zone)
        since = until - timedelta(weeks=WEEKS)
        found = await self._figures.hours(community.id, community.timezone, since, until)
        hours = {one.at: one.people for one in found}
        return advise(hours, now=now, zone=zone, quiet=_quiet(community, channel))

    async def _topics(self, community: Community) -> tuple[Topic, ...]:
        today = self._clock.now().astimezone(ZoneInfo(community.timezone)).date()
        week = _week(today, community.timezone)
        now, before = (
            await self._cells(community, week),
            await self._cells(community, week.before()),
        )
        where = ThemeFilter(min_authors=self._floor)
        page = await self._queries.themes(community.id, where, now=self._clock.now(), limit=_THEMES)
        found = [
            self._topic(row, now[row.theme_id], before.get(row.theme_id, _NONE))
            for row in page.items
            if self._grew(row, now.get(row.theme_id, _NONE), before.get(row.theme_id, _NONE))
        ]
        most = sorted(found, key=lambda one: ((one.before or 0) - one.cases, one.theme_id))
        return tuple(most[:MOST_TOPICS])

    def _grew(self, row: ThemeRow, now: Cell, before: Cell) -> bool:
        told = not row.hidden and row.status not in _SETTLED
        enough = now.people >= self._floor and now.cases >= LEAST_CASES
        return told and enough and now.cases > before.cases

    def _topic(self, row: ThemeRow, now: Cell, before: Cell) -> Topic:
        may_tell = before.people == 0 or before.people >= self._floor
        return Topic(
            theme_id=row.theme_id,
            name=Bilingual(zh=row.name_zh, en=row.name_en),
            cases=now.cases,
            people=now.people,
            before=before.cases if may_tell else None,
            link=f"/themes/{row.theme_id}",
        )

    async def _cells(self, community: Community, period: Period) -> Mapping[str, Cell]:
        found = await self._figures.cells(community.id, TrendGroup.THEME, period)
        return {cell.key: cell for cell in found}


def _week(today: date, timezone: str) -> Period:
    """The seven days before today."""
    day = timedelta(days=1)
    return Period(since=today - 7 * day, until=today - day, timezone=timezone)


def _quiet(community: Community, channel: str | None) -> Callable[[int], bool]:
    named = [one for one in community.channels if one.name == channel]
    places = named or community.channels
    return lambda hour: any(one.quiet_at(hour) for one in places)
