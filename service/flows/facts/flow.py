"""Facts are computed from the database, frozen into a draft's context, and shown with links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from service.domain.draft import Fact
from service.domain.fact import FactAsk, period_of
from service.domain.taxonomy import Taxonomy
from service.drafting.facts.words import Words
from service.errors import InvalidInput, NotFound
from service.flows.facts import activity, desks, digest, events, feedback, incidents, themes
from service.flows.facts.event_measures import event_of
from service.flows.facts.given import Given
from service.ports.clock import Clock
from service.ports.engines import Redactor
from service.ports.figures import Figures
from service.ports.insights import Insights
from service.ports.queries import Queries
from service.ports.store import UowFactory

Group = Callable[[Given], Awaitable[tuple[Fact, ...]]]

PERIOD = "period"
"""Goes before every group that is counted over days."""

_GROUPS: Mapping[str, Group] = {
    PERIOD: activity.period,
    "activity": activity.activity,
    "feedback": feedback.feedback,
    "sentiment": feedback.sentiment,
    "themes": themes.themes,
    "response_times": activity.response_times,
    "department": desks.department,
    "unanswered_rules": desks.unanswered_rules,
    "incidents": incidents.incidents,
    "top_questions": digest.top_questions,
    "welcome": digest.welcome,
    "posts": digest.posts,
    "event_funnel": events.event_funnel,
    "comparables": events.comparables,
    "hypotheses": events.hypotheses,
}

_OF_EVENTS = ("event_funnel", "comparables", "hypotheses")
"""Counted over an event's days, each resting on the ones before."""


class FactsFlow:
    """Implements `service.ports.facts.FactSource`."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        insights: Insights,
        queries: Queries,
        figures: Figures,
        redactor: Redactor,
        taxonomy: Taxonomy,
        words: Words,
        floor: int,
        clock: Clock,
    ) -> None:
        self._uow, self._insights, self._taxonomy = uow, insights, taxonomy
        self._queries, self._figures, self._redactor = queries, figures, redactor
        self._words, self._floor, self._clock = words, floor, clock

    @property
    def groups(self) -> frozenset[str]:
        """Names of the groups that can be asked for."""
        return frozenset(_GROUPS)

    async def require(self, ask: FactAsk) -> None:
        """See `service.ports.facts.FactSource.require`."""
        given = await self._given(ask)
        if set(ask.groups) & set(_OF_EVENTS):
            await event_of(given)
        if "incidents" in ask.groups and ask.subject:
            await incidents.incident_of(given)

    async def facts(self, ask: FactAsk) -> tuple[Fact, ...]:
        """See `service.ports.facts.FactSource.facts`."""
        given = await self._given(ask)
        found = [await _GROUPS[name](given) for name in _named(ask.groups, given.dated)]
        return tuple(fact for group in found for fact in group)

    async def _given(self, ask: FactAsk) -> Given:
        if unknown := set(ask.groups) - self.groups:
            raise InvalidInput(f"There are no facts named {', '.join(sorted(unknown))}.")
        if "department" in ask.groups:
            desks.require_department(ask.subject)
        async with self._uow() as uow:
            community = await uow.communities.get(ask.community)
        if community is None:
            raise NotFound(f"There is no community {ask.community!r}.")
        now = self._clock.now()
        return Given(
            community=community,
            period=period_of(ask, community.timezone, now),
            subject=ask.subject,
            dated=bool(ask.start or ask.end),
            lang=ask.lang,
            now=now,
            floor=self._floor,
            words=self._words,
            taxonomy=self._taxonomy,
            insights=self._insights,
            queries=self._queries,
            figures=self._figures,
            redactor=self._redactor,
            uow=self._uow,
        )


def _named(groups: Sequence[str], dated: bool) -> tuple[str, ...]:
    """The groups in order, once, with what they rest on."""
    undated = {*_OF_EVENTS, *(() if dated else ("incidents",))}
    named: list[str] = [] if set(groups) <= undated else [PERIOD]
    for name in groups:
        named += _OF_EVENTS if name == "hypotheses" else (name,)
    return tuple(dict.fromkeys(named))
