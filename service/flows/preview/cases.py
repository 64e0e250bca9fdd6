"""Stored cases, read in chunks and judged by both sides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple

from service.domain.case import CaseText
from service.domain.community import Community
from service.domain.preview import Preview
from service.domain.triage import Judgement, Triage
from service.flows.routes import Routes, routes_of, silent
from service.ports.engines import Triager
from service.ports.previews import Sides
from service.ports.routing import CasePlace
from service.ports.store import UnitOfWork, UowFactory
from service.triage.clauses import without_tags
from service.triage.standing import as_decided

CHUNK = 256


class Stored(NamedTuple):
    """A case with the triage in force."""

    case: CaseText
    triage: Triage

    @property
    def text(self) -> str:
        """What the triage saw."""
        return "\n".join(one.text for one in self.case.messages[: self.triage.case_size])


class Twice(NamedTuple):
    """A case as production and as the change judges it."""

    stored: Stored
    before: Judgement
    after: Judgement


async def chunks(
    factory: UowFactory, preview: Preview, since: datetime
) -> AsyncIterator[list[Stored]]:
    """The newest cases, as many as the window takes."""
    place: CasePlace | None = None
    left = preview.window.most
    while left > 0:
        async with factory() as uow:
            places = await uow.reports.cases(
                preview.community, since=since, after=place, limit=min(CHUNK, left)
            )
            found = await _read(uow, [one.case_id for one in places])
        if not places:
            return
        yield found
        place, left = places[-1], left - len(places)


class Judging:
    """Judges cases by both sides. A part both share is asked once."""

    def __init__(self, factory: UowFactory, sides: Sides, community: Community) -> None:
        self._factory, self._sides, self._community = factory, sides, community

    async def twice(self, stored: Sequence[Stored]) -> list[Twice]:
        """Both judgements of each, with what people set and whose they are by the routing rules.

        Raises:
            EmbedderUnavailable: no vectors now.
        """
        sides = self._sides
        await self._renew(stored)
        routes = await self._routes(stored)
        before = await self._judged(sides.before.triager, stored, routes)
        same = sides.before.triager is sides.after.triager
        after = before if same else await self._judged(sides.after.triager, stored, routes)
        return [Twice(*one) for one in zip(stored, before, after, strict=True)]

    async def _renew(self, stored: Sequence[Stored]) -> None:
        """Take up the stored vectors: most texts are not embedded again."""
        memory = self._sides.memory
        if self._sides.before.triager is None:
            memory.renew((), None)
            return
        usable = {
            one.case.case.id: without_tags(one.triage.judgement.redacted.text)
            for one in stored
            if one.triage.judgement.versions.embedder == memory.fingerprint
        }
        async with self._factory() as uow:
            rows = await uow.vectors.load(self._community.id, "case", ids=list(usable))
        memory.renew([usable[case_id] for case_id in rows.ids], rows.vectors)

    async def _routes(self, stored: Sequence[Stored]) -> Routes | None:
        async with self._factory() as uow:
            ids = [one.case.case.id for one in stored]
            return await routes_of(uow, self._community.id, ids)

    async def _judged(
        self, triager: Triager | None, stored: Sequence[Stored], routes: Routes | None
    ) -> list[Judgement]:
        if triager is None:
            return [one.triage.judgement for one in stored]
        texts = [one.text for one in stored]
        times = [one.case.case.last_at for one in stored]
        judged = await asyncio.to_thread(triager.judge, texts, times)
        found = []
        for given, one, at in zip(judged, stored, times, strict=True):
            standing, case = one.triage.standing, one.case.case
            judgement = as_decided(given.judgement, standing, triager.taxonomy, at)
            if case.author in self._community.staff:
                judgement = silent(judgement)
            found.append(routes.routed(judgement, case, standing) if routes else judgement)
        return found


async def _read(uow: UnitOfWork, ids: Sequence[str]) -> list[Stored]:
    texts, triages = await uow.cases.texts(ids), await uow.triages.latest(ids)
    return [Stored(texts[one], triages[one]) for one in ids if one in texts and one in triages]
