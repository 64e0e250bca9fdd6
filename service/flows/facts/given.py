"""What the groups of facts are counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from service.domain.base import Lang
from service.domain.community import Community
from service.domain.fact import Period
from service.domain.taxonomy import Taxonomy
from service.drafting.facts.sheet import Sheet
from service.drafting.facts.words import Words
from service.ports.engines import Redactor
from service.ports.figures import Cell, Figures
from service.ports.insights import Bucket, Insights, Participation, TrendGroup
from service.ports.queries import Queries
from service.ports.store import UowFactory


@dataclass(frozen=True, kw_only=True)
class Given:
    """One ask, made concrete. `floor` is the least number of people a shown count rests on."""

    community: Community
    period: Period
    subject: str
    dated: bool
    """Whether somebody named the period."""
    lang: Lang
    now: datetime
    floor: int
    words: Words
    taxonomy: Taxonomy
    insights: Insights
    queries: Queries
    figures: Figures
    redactor: Redactor
    uow: UowFactory
    memo: dict[str, object] = field(default_factory=dict)
    """What the groups of one ask share, once it is counted."""

    def sheet(self, group: str, source: str) -> Sheet:
        """An empty sheet; `source` names the query, to which the days are added."""
        days = f"{source} {self.period.since}..{self.period.until}"
        return Sheet(group, self.words, self.lang, source=days, floor=self.floor)

    def page(self, path: str, **query: str) -> str:
        """A page's address, narrowed to the period."""
        days = {"since": str(self.period.since), "until": str(self.period.until)}
        return f"{path}?{urlencode({**query, **days})}"

    def clean(self, text: str) -> str:
        """A text people wrote, without personal data."""
        return self.redactor.redact(text).text

    def local(self, at: datetime) -> datetime:
        """A moment in the community's own time."""
        return at.astimezone(ZoneInfo(self.community.timezone))

    def category(self, key: str) -> str:
        """What a category is called; one that is not in force any more shows its id."""
        try:
            return self.taxonomy.get(key).title.get(self.lang)
        except KeyError:
            return key

    def enough(self, cells: Mapping[str, Cell], key: str) -> bool:
        """Whether what these people said may be told in numbers."""
        return key not in cells or cells[key].people >= self.floor

    async def cells(
        self, by: TrendGroup, period: Period, *, department: str | None = None
    ) -> dict[str, Cell]:
        """Cases of the period by their key, largest first."""
        found = await self.figures.cells(self.community.id, by, period, department=department)
        return {cell.key: cell for cell in found}

    async def participation(self, period: Period) -> Participation:
        """Who took part on these days."""
        return await self.insights.participation(
            self.community.id,
            self.community.timezone,
            since=period.since,
            until=period.until,
            bucket=Bucket.WEEK,
        )
