"""People say which cases are the same; what resembles a case is looked up for them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from retrieval.ports import Embedder, VectorStore
from service.domain.base import Frozen
from service.domain.case import Case
from service.domain.duplicates import (
    DuplicateLink,
    Likeness,
    LinkVerdict,
    Pair,
    pair_of,
    roots,
    standing,
)
from service.domain.triage import DuplicateKind, Triage
from service.errors import Conflict, InvalidInput, NotFound
from service.flows.nearby import open_cases, stored_near
from service.flows.reach import refresh_priorities
from service.ports.clock import Clock, Ids
from service.ports.engines import Side, Triager
from service.ports.store import Net, UnitOfWork, UowFactory

LOOKED_AT = 100
"""Nearest cases compared with one; what is exact or near stands first among them."""

MOST_MERGED = 50
"""Cases one call may merge."""

_ORDER = (DuplicateKind.EXACT, DuplicateKind.NEAR, DuplicateKind.SEMANTIC)


class SimilarFilter(NamedTuple):
    """Which similar cases are wanted; None leaves a filter out."""

    kind: DuplicateKind | None = None
    min_similarity: float = 0.0
    category: str | None = None
    since: datetime | None = None
    grouped: bool | None = None


ANY = SimilarFilter()


class Similar(Frozen):
    """A case that resembles another. `grouped`: both stand in one group already; `said`: a
    person's word on the two, if there is one."""

    case: Case
    likeness: Likeness
    category: str | None
    excerpt: str
    grouped: bool
    said: LinkVerdict | None


class DuplicatesFlow:
    """Merges and unmerges cases, and looks for similar ones."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        triager: Triager,
        embedder: Embedder,
        vectors: VectorStore,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._triager, self._clock, self._ids = uow, triager, clock, ids
        self._embedder, self._vectors = embedder, vectors

    async def merge(self, community: str, case_ids: Sequence[str], by: str) -> None:
        """Say that these cases are the same. Cases that stand in one group already are left as
        they are, so that a call can be repeated.

        Raises:
            InvalidInput: fewer than two different cases, or too many.
            NotFound: a case is not of this community.
        """
        wanted = list(dict.fromkeys(case_ids))
        if not 2 <= len(wanted) <= MOST_MERGED:
            raise InvalidInput(f"Name 2 to {MOST_MERGED} different cases.")
        async with self._uow() as uow:
            net = await self._held(uow, community, wanted)
            first, joined = wanted[0], set(net.pairs)
            for other in wanted[1:]:
                group = roots([first, other], joined)
                if group[first] != group[other]:
                    joined.add(pair_of(first, other))
            fresh = joined - net.pairs
            await self._say(uow, community, fresh, LinkVerdict.MERGED, by)
            await self._settle(uow, wanted)
            await uow.commit()

    async def unmerge(self, community: str, case_id: str, other: str | None, by: str) -> None:
        """Say that a case is not the same as another one it is directly linked to, which takes a
        merge back exactly; or, without another, take it out of its group, whose other cases stay
        together. Repeating a call changes nothing.

        Raises:
            NotFound: a case is not of this community.
            Conflict: the two are held together by other cases; `linked_to` names those to part.
        """
        named = [case_id] if other is None else [case_id, other]
        async with self._uow() as uow:
            net = await self._held(uow, community, named)
            cut = _links_of(net, case_id) if other is None else _link_between(net, case_id, other)
            await self._say(uow, community, cut, LinkVerdict.UNMERGED, by)
            if other is None:
                rest = _rejoined(net, case_id)
                await self._say(uow, community, rest, LinkVerdict.MERGED, by)
            await self._settle(uow, {*named, *(case for pair in cut for case in pair)})
            await uow.commit()

    async def similar(
        self, case_id: str, where: SimilarFilter = ANY, limit: int = 20
    ) -> tuple[Similar, ...]:
        """Cases that resemble this one, exact before near before alike in meaning; none while it
        waits for its triage. Suggestions never act: only `merge` joins what is alike in meaning.

        Raises:
            NotFound: there is no such case.
        """
        async with self._uow() as uow:
            found = (await uow.cases.texts([case_id])).get(case_id)
            mine = (await self._sides(uow, [case_id])) if found else []
        if found is None:
            raise NotFound("There is no such case.")
        if not mine:
            return ()
        near = await asyncio.to_thread(self._near, found.case.community, mine[0])
        async with self._uow() as uow:
            others = await self._sides(uow, near)
            alike = await asyncio.to_thread(self._triager.likeness, mine[0], others)
            pairs = {o.case_id: one for o, one in zip(others, alike, strict=True) if one}
            shown = await self._shown(uow, case_id, pairs)
        kept = [one for one in shown if _wanted(one, where)]
        kept.sort(key=lambda one: (_ORDER.index(one.likeness.kind), -one.likeness.similarity))
        return tuple(kept[:limit])

    async def _held(self, uow: UnitOfWork, community: str, case_ids: Collection[str]) -> Net:
        """What hangs together with the cases; nobody else changes groups until the end."""
        await uow.duplicates.lock(community)
        texts = await uow.cases.texts(case_ids)
        known = {case_id for case_id, text in texts.items() if text.case.community == community}
        if missing := sorted(set(case_ids) - known):
            raise NotFound("There is no such case in this community.", case_ids=missing)
        return await uow.duplicates.net(case_ids)

    async def _say(
        self,
        uow: UnitOfWork,
        community: str,
        pairs: Collection[Pair],
        verdict: LinkVerdict,
        by: str,
    ) -> None:
        now = self._clock.now()
        links = [
            DuplicateLink(
                id=self._ids.new("link"),
                community=community,
                first_id=pair.first,
                second_id=pair.second,
                verdict=verdict,
                by=by,
                at=now,
            )
            for pair in sorted(pairs)
        ]
        await uow.duplicates.add(links)

    async def _settle(self, uow: UnitOfWork, case_ids: Collection[str]) -> None:
        """Groups, and with them reach and the places in the queue, follow at once."""
        await refresh_priorities(uow, await uow.duplicates.settle(case_ids))

    def _near(self, community: str, mine: Side) -> list[str]:
        index = open_cases(self._vectors, self._embedder, community)
        hits = stored_near(index, mine.vector[np.newaxis], LOOKED_AT)[0]
        return [case_id for case_id, _ in hits if case_id != mine.case_id]

    async def _sides(self, uow: UnitOfWork, case_ids: Sequence[str]) -> list[Side]:
        """Cases with a triage and a vector of the embedder in use, in the order given."""
        triages = await uow.triages.latest(case_ids)
        communities = {triage.community for triage in triages.values()}
        sides: dict[str, Side] = {}
        for community in communities:
            rows = await uow.vectors.load(community, "case", ids=case_ids)
            for case_id, vector in zip(rows.ids, rows.vectors, strict=True):
                if case_id in triages and self._is_ours(triages[case_id]):
                    sides[case_id] = Side(case_id, triages[case_id].judgement, vector)
        return [sides[case_id] for case_id in case_ids if case_id in sides]

    def _is_ours(self, triage: Triage) -> bool:
        return triage.judgement.versions.embedder == self._embedder.info.fingerprint

    async def _shown(
        self, uow: UnitOfWork, case_id: str, alike: dict[str, Likeness]
    ) -> list[Similar]:
        net = await uow.duplicates.net([case_id])
        first, said = roots([case_id], net.pairs), standing(net.links)
        texts = await uow.cases.texts(alike)
        triages = await uow.triages.latest(alike)
        return [
            Similar(
                case=texts[other].case,
                likeness=likeness,
                category=triages[other].judgement.primary,
                excerpt=triages[other].judgement.redacted.text[:160],
                grouped=first.get(other) == first[case_id],
                said=link.verdict if (link := said.get(pair_of(case_id, other))) else None,
            )
            for other, likeness in alike.items()
        ]


def _links_of(net: Net, case_id: str) -> frozenset[Pair]:
    return frozenset(pair for pair in net.pairs if case_id in pair)


def _link_between(net: Net, one: str, other: str) -> frozenset[Pair]:
    """The link of the two, none where they stand apart already.

    Raises:
        Conflict: they are held together by others.
    """
    pair = pair_of(one, other)
    if pair in net.pairs:
        return frozenset({pair})
    first = roots([one, other], net.pairs)
    if first[one] != first[other]:
        return frozenset()
    near = sorted({case for link in _links_of(net, one) for case in link} - {one})
    raise Conflict(
        "These two are held together by other cases; part the case from those, or take it out.",
        linked_to=near,
    )


def _rejoined(net: Net, case_id: str) -> frozenset[Pair]:
    """Links that keep the rest of a group together when this case leaves it."""
    rest = frozenset(pair for pair in net.pairs if case_id not in pair)
    near = sorted({case for pair in _links_of(net, case_id) for case in pair} - {case_id})
    first = roots(near, rest)
    heads = sorted({first[case] for case in near})
    return frozenset(pair_of(heads[0], head) for head in heads[1:])


def _wanted(one: Similar, where: SimilarFilter) -> bool:
    return (
        (where.kind is None or one.likeness.kind is where.kind)
        and one.likeness.similarity >= where.min_similarity
        and (where.category is None or one.category == where.category)
        and (where.since is None or one.case.last_at >= where.since)
        and (where.grouped is None or one.grouped is where.grouped)
    )
