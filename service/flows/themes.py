"""What many cases are about: one batch clustering of the last weeks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain.case import CaseText
from service.domain.theme import Theme, ThemeMember, ThemeRun
from service.ports.clock import Clock, Ids
from service.ports.engines import Cluster, ThemeFinder
from service.ports.store import UowFactory

WEEK = timedelta(days=7)


class ThemesFlow:
    """Clusters a community's cases and stores the run."""

    def __init__(self, *, uow: UowFactory, finder: ThemeFinder, clock: Clock, ids: Ids) -> None:
        self._uow, self._finder, self._clock, self._ids = uow, finder, clock, ids

    async def run(self, community: str) -> ThemeRun:
        """Cluster all triaged cases; noise is left out."""
        async with self._uow() as uow:
            rows = await uow.vectors.load(community, "case")
            triages = await uow.triages.latest(rows.ids)
            cases = await uow.cases.texts(rows.ids)
        texts = [triages[i].judgement.redacted.text if i in triages else "" for i in rows.ids]
        clusters = await asyncio.to_thread(self._finder.cluster, texts, rows.vectors)
        ordered = [cases[i] for i in rows.ids]
        run = ThemeRun(
            id=self._ids.new("run"),
            community=community,
            clustered=sum(len(cluster.members) for cluster in clusters),
            unclustered=len(ordered) - sum(len(cluster.members) for cluster in clusters),
            created_at=self._clock.now(),
        )
        themes = [self._theme(run, cluster, ordered) for cluster in clusters]
        members = [
            ThemeMember(theme_id=theme.id, case_id=rows.ids[row], similarity=similarity)
            for theme, cluster in zip(themes, clusters, strict=True)
            for row, similarity in zip(cluster.members, cluster.similarities, strict=True)
        ]
        async with self._uow() as uow:
            await uow.themes.save_run(run, themes, members)
            await uow.commit()
        return run

    def _theme(self, run: ThemeRun, cluster: Cluster, ordered: Sequence[CaseText]) -> Theme:
        cases = [ordered[row].case for row in cluster.members]
        times = [case.last_at for case in cases]
        return Theme(
            id=self._ids.new("theme"),
            community=run.community,
            run_id=run.id,
            name=cluster.name,
            keywords_zh=cluster.keywords_zh,
            keywords_en=cluster.keywords_en,
            size=len(cases),
            authors=len({case.author for case in cases}),
            first_at=min(times),
            last_at=max(times),
            growth=_growth(times, run.created_at),
            created_at=run.created_at,
        )


def _growth(times: Sequence[datetime], now: datetime) -> float:
    recent = sum(now - WEEK <= at <= now for at in times)
    before = sum(now - 2 * WEEK <= at < now - WEEK for at in times)
    return (recent + 1) / (before + 1)
