"""What many cases are about: one batch clustering of the last weeks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from retrieval.segment import segment
from retrieval.types import FloatMatrix
from service.domain.base import Bilingual
from service.domain.case import Case
from service.domain.theme import Theme, ThemeMember, ThemeRun
from service.domain.triage import Judgement, SignalKind
from service.ports.clock import Clock, Ids
from service.ports.engines import Cluster, ThemeFinder
from service.ports.store import UowFactory

WEEK = timedelta(days=7)


NOT_FEEDBACK = frozenset({"chat", "spam_ad", "abuse"})
"""Categories that say nothing about the product or the community."""


class _Given(NamedTuple):
    """What is clustered; row i of each belongs together."""

    cases: list[Case]
    texts: list[str]
    vectors: FloatMatrix


class ThemesFlow:
    """Clusters a community's cases and stores the run."""

    def __init__(self, *, uow: UowFactory, finder: ThemeFinder, clock: Clock, ids: Ids) -> None:
        self._uow, self._finder, self._clock, self._ids = uow, finder, clock, ids

    async def run(self, community: str) -> ThemeRun:
        """Cluster all triaged cases but small talk, advertising, abuse and noise."""
        given = await self._given(community)
        clusters = await asyncio.to_thread(self._finder.cluster, given.texts, given.vectors)
        clustered = sum(len(cluster.members) for cluster in clusters)
        run = ThemeRun(
            id=self._ids.new("run"),
            community=community,
            clustered=clustered,
            unclustered=len(given.cases) - clustered,
            created_at=self._clock.now(),
        )
        themes = [self._theme(run, cluster, given.cases) for cluster in clusters]
        members = [
            ThemeMember(theme_id=theme.id, case_id=given.cases[row].id, similarity=similarity)
            for theme, cluster in zip(themes, clusters, strict=True)
            for row, similarity in zip(cluster.members, cluster.similarities, strict=True)
        ]
        async with self._uow() as uow:
            await uow.themes.save_run(run, themes, members)
            await uow.commit()
        return run

    async def _given(self, community: str) -> _Given:
        async with self._uow() as uow:
            rows = await uow.vectors.load(community, "case")
            triages = await uow.triages.latest(rows.ids)
            texts = await uow.cases.texts(rows.ids)
            owner = await uow.communities.get(community)
        unnamed = _without_name(owner.name if owner else Bilingual(zh="", en=""))
        kept = [
            row
            for row, case_id in enumerate(rows.ids)
            if case_id in triages and _is_feedback(triages[case_id].judgement)
        ]
        ids = [rows.ids[row] for row in kept]
        return _Given(
            cases=[texts[case_id].case for case_id in ids],
            texts=[unnamed(triages[case_id].judgement.redacted.text) for case_id in ids],
            vectors=rows.vectors[kept],
        )

    def _theme(self, run: ThemeRun, cluster: Cluster, ordered: Sequence[Case]) -> Theme:
        cases = [ordered[row] for row in cluster.members]
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


def _without_name(name: Bilingual) -> Callable[[str], str]:
    """Takes the community's own name out of a text: it is in every theme and names none."""
    words = {name.zh, name.en, *segment(name.zh), *segment(name.en), *name.en.split()}
    known = [re.escape(word) for word in sorted(words, key=len, reverse=True) if len(word) > 1]
    if not known:
        return lambda text: text
    pattern = re.compile("|".join(known), re.IGNORECASE)
    return lambda text: pattern.sub(" ", text)


def _is_feedback(judgement: Judgement) -> bool:
    noise = any(signal.kind is SignalKind.NOISE for signal in judgement.signals)
    return not noise and judgement.primary not in NOT_FEEDBACK


def _growth(times: Sequence[datetime], now: datetime) -> float:
    recent = sum(now - WEEK <= at <= now for at in times)
    before = sum(now - 2 * WEEK <= at < now - WEEK for at in times)
    return (recent + 1) / (before + 1)
