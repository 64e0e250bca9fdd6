"""A random share of what was really said is drawn for people to judge, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from service.domain.labelling import About, LabelItem, wanted_for
from service.domain.spot import BY, SpotCheck, SpotDraw
from service.errors import NotFound
from service.ports.clock import Clock, Ids
from service.ports.jobs import Job
from service.ports.store import UnitOfWork, UowFactory
from service.quality.spot import RUBRICS, draw

DAY = timedelta(days=1)
GRACE = timedelta(hours=1)
"""A day is closed so long after its end: what was being stored then has been."""

CATCH_UP = 7
"""Closed days that are still drawn from, after the service stood still."""


class SpotRules(NamedTuple):
    """What is drawn: a share of each day, 0 to 1, and of each kind so many at most."""

    share: float
    most: int


class _Stretch(NamedTuple):
    since: datetime
    about: About


class SpotFlow:
    """Draws from closed days (of UTC), each once. Running twice, or again after a crash, changes
    nothing more."""

    def __init__(self, *, uow: UowFactory, rules: SpotRules, clock: Clock, ids: Ids) -> None:
        self._uow, self._rules, self._clock, self._ids = uow, rules, clock, ids

    async def run(self, community_id: str) -> tuple[SpotDraw, ...]:
        """Draw from every closed day of the last week that was not drawn from; a day and kind is
        one transaction.

        Raises:
            NotFound: there is no such community.
        """
        async with self._uow() as uow:
            if await uow.communities.get(community_id) is None:
                raise NotFound(f"There is no community {community_id!r}.")
            due = await self._due(uow, community_id)
        found = [await self._draw(community_id, stretch) for stretch in due]
        return tuple(one for one in found if one is not None)

    async def defer_due(self) -> int:
        """Queue a run for every community with a day to draw from; how many."""
        due = 0
        async with self._uow() as uow:
            for one in await uow.communities.all():
                if await self._due(uow, one.id):
                    await uow.jobs.defer(Job.SPOT, {"community": one.id}, key=f"spot:{one.id}")
                    due += 1
            await uow.commit()
        return due

    async def _due(self, uow: UnitOfWork, community: str) -> list[_Stretch]:
        if not (self._rules.share and self._rules.most):
            return []
        days = _closed(self._clock.now())
        done = {_Stretch(one.since, one.about) for one in await uow.spots.draws(community, days[0])}
        wanted = (_Stretch(day, about) for day in days for about in About)
        return [one for one in wanted if one not in done]

    async def _draw(self, community: str, stretch: _Stretch) -> SpotDraw | None:
        since, about = stretch
        async with self._uow() as uow:
            await uow.cases.lock(f"spot:{community}")
            if stretch not in await self._due(uow, community):
                return None  # another worker was here meanwhile
            refs = await uow.spots.made(community, about, since, since + DAY)
            picked = draw(refs, self._rules.share, self._rules.most)
            now = self._clock.now()
            checks = await uow.spots.look(about, picked, now)
            made = SpotDraw(
                community=community,
                about=about,
                since=since,
                made=len(refs),
                drawn=len(checks),
                share=self._rules.share,
                most=self._rules.most,
                at=now,
            )
            await uow.spots.add(made, checks)
            await uow.labels.add_items(list(self._items(checks)))
            await uow.commit()
        return made

    def _items(self, checks: Iterable[SpotCheck]) -> Iterable[LabelItem]:
        """An item of each rubric; one that was drawn by hand before stays the same item."""
        for one in checks:
            for rubric in RUBRICS[one.about]:
                yield LabelItem(
                    id=self._ids.new("itm"),
                    community=one.community,
                    rubric=rubric,
                    ref=one.ref,
                    draft_id=one.draft_id,
                    triage_id=one.triage_id,
                    material=None,
                    lang=one.lang,
                    golden=None,
                    wanted=wanted_for(one.ref),
                    added_by=BY,
                    created_at=one.drawn_at,
                )


def _closed(now: datetime) -> list[datetime]:
    """Beginnings of the last closed days, oldest first."""
    at = (now - GRACE).astimezone(UTC)
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - ago * DAY for ago in range(CATCH_UP, 0, -1)]
