"""What the groups of facts are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from service.domain.base import Lang
from service.domain.community import Community
from service.domain.fact import Period
from service.domain.taxonomy import Taxonomy
from service.drafting.facts.sheet import Sheet
from service.drafting.facts.words import Words
from service.ports.insights import Bucket, Insights, Participation


@dataclass(frozen=True, kw_only=True)
class Given:
    """One ask, made concrete. `floor` is the least number of people a shown count rests on."""

    community: Community
    period: Period
    subject: str
    lang: Lang
    now: datetime
    floor: int
    words: Words
    taxonomy: Taxonomy
    insights: Insights

    def sheet(self, group: str, source: str) -> Sheet:
        """An empty sheet; `source` names the query, to which the days are added."""
        days = f"{source} {self.period.since}..{self.period.until}"
        return Sheet(group, self.words, self.lang, source=days, floor=self.floor)

    def page(self, path: str, **query: str) -> str:
        """A page's address, narrowed to the period."""
        days = {"since": str(self.period.since), "until": str(self.period.until)}
        return f"{path}?{urlencode({**query, **days})}"

    async def participation(self, period: Period) -> Participation:
        """Who took part on these days."""
        return await self.insights.participation(
            self.community.id,
            self.community.timezone,
            since=period.since,
            until=period.until,
            bucket=Bucket.WEEK,
        )
