"""What many cases are about: clustering, lasting ids, and later cases put in their place."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import structlog

from retrieval.ports import Embedder
from service.domain.base import Bilingual
from service.domain.theme import Theme, ThemeMember, ThemeRun
from service.flows.theme_material import feedback, without_name
from service.flows.theme_run import Before, Drawn, draw_up
from service.ports.clock import Clock, Ids
from service.ports.engines import Clustering, ThemeFinder
from service.ports.jobs import SWEEP_REST, Job
from service.ports.store import UnitOfWork, UowFactory
from service.ports.themes import Material

MOST_CASES = 200_000
"""The newest so many cases are clustered."""

FIRST_RUN = 30
"""Cases a community has when it is first clustered without being asked."""

log = structlog.get_logger()


class ThemesFlow:
    """Clusters a community's cases, and places later ones in the themes that are known."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        finder: ThemeFinder,
        embedder: Embedder,
        clock: Clock,
        ids: Ids,
        window: timedelta,
        every: timedelta,
    ) -> None:
        """`window` is how far back cases are clustered, `every` how often."""
        self._uow, self._finder, self._clock, self._ids = uow, finder, clock, ids
        self._embedder, self._window, self._every = embedder, window, every

    async def run(self, community: str) -> ThemeRun:
        """Cluster the triaged cases of the window but small talk, advertising, abuse and noise.

        A theme that is found again keeps its id and whatever people set on it.
        """
        now = self._clock.now()
        given, texts = await self._given(community)
        clustering = await asyncio.to_thread(self._finder.cluster, texts, given.vectors)
        clustered = sum(len(cluster.members) for cluster in clustering.clusters)
        run = ThemeRun(
            id=self._ids.new("run"),
            community=community,
            clustered=clustered,
            unclustered=len(given.cases) - clustered,
            created_at=now,
        )
        async with self._uow() as uow:
            await uow.cases.lock(f"themes:{community}")
            before = await _before(uow, community)
            drawn = await asyncio.to_thread(self._draw, run, clustering, given, before)
            await self._store(uow, run, drawn)
            await uow.jobs.defer(Job.NAME, {"community": community}, key=f"name:{community}")
            await uow.commit()
        return run

    async def place(self, community: str, case_ids: Collection[str]) -> int:
        """Put triaged cases into the nearest theme of the newest run; how many found one."""
        async with self._uow() as uow:
            stored = await uow.themes.frame(community)
            if stored is None or stored.fingerprint != self._embedder.info.fingerprint:
                return 0
            given = feedback(await uow.themes.material_of(case_ids))
        texts = [case.text for case in given.cases]
        placed = await asyncio.to_thread(self._finder.place, stored.frame, texts, given.vectors)
        members = [
            ThemeMember(
                theme_id=stored.theme_ids[one.theme],
                case_id=case.case_id,
                similarity=one.similarity,
            )
            for case, one in zip(given.cases, placed, strict=True)
            if one is not None
        ]
        if members:
            await self._put(community, members)
        return len(members)

    async def sweep(self, limit: int = 100) -> int:
        """Defer clustering where the newest run is old, or cases enough for a first one."""
        async with self._uow() as uow:
            due = await uow.themes.outdated(
                self._clock.now() - self._every, first_from=FIRST_RUN, limit=limit
            )
            for community in due:
                await uow.jobs.defer(
                    Job.THEMES,
                    {"community": community},
                    key=f"themes:{community}",
                    rest=SWEEP_REST,
                )
            await uow.commit()
        return len(due)

    async def _put(self, community: str, members: list[ThemeMember]) -> None:
        async with self._uow() as uow:
            await uow.cases.lock(f"themes:{community}")
            # A run or a merge may have come between.
            living = {theme.id for theme in await uow.themes.living(community)}
            kept = [one for one in members if one.theme_id in living]
            await uow.themes.put(community, kept, self._clock.now())
            await uow.commit()

    async def _given(self, community: str) -> tuple[Material, list[str]]:
        since = self._clock.now() - self._window
        async with self._uow() as uow:
            material = await uow.themes.material(community, since=since, limit=MOST_CASES)
            owner = await uow.communities.get(community)
        unnamed = without_name(owner.name if owner else Bilingual(zh="", en=""))
        given = feedback(material)
        return given, [unnamed(case.text) for case in given.cases]

    def _draw(
        self, run: ThemeRun, clustering: Clustering, given: Material, before: Before
    ) -> Drawn:
        fingerprint = self._embedder.info.fingerprint
        return draw_up(run, fingerprint, clustering, given.cases, before, self._ids)

    async def _store(self, uow: UnitOfWork, run: ThemeRun, drawn: Drawn) -> None:
        await uow.themes.save_run(
            run,
            drawn.frame,
            drawn.themes,
            drawn.found,
            drawn.members,
            since=run.created_at - self._window,
        )
        await uow.themes.add_links(drawn.links)
        for theme in drawn.retired:
            await _move(uow, theme, run)


async def _before(uow: UnitOfWork, community: str) -> Before:
    living = await uow.themes.living(community, lock=True)
    return Before(
        living=living,
        members=await uow.themes.members(community),
        centres=await uow.themes.centres([theme.id for theme in living]),
        links=await uow.themes.links(community),
    )


async def _move(uow: UnitOfWork, theme: Theme, run: ThemeRun) -> None:
    """What is left of a retired theme, from before the window, follows it."""
    if theme.merged_into is not None:
        await uow.themes.move(theme.id, theme.merged_into, run.created_at)
