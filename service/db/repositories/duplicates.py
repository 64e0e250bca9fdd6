"""Groups of duplicates: people's words on pairs, and the first case of each group in its list row.

`case_states.duplicate_of` is the earlier case the newest triage names, where no person has spoken
about the two; `duplicate_root` is the first case of the group, null for that case itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, among, fetch_all, values_of
from service.db.types import storable
from service.domain.duplicates import DuplicateLink, Pair, in_force, pair_of, roots, standing
from service.domain.triage import Triage
from service.ports.store import Net

_S, _L = tables.case_states.c, tables.duplicate_links.c

_LOCK_SPACE = 0x6475
"""First key of the advisory locks on a community's groups ("du")."""

_SET_ROOT = (
    update(tables.case_states)
    .where(_S.case_id == bindparam("of_case"), _S.duplicate_root.is_distinct_from(bindparam("to")))
    .values(duplicate_root=bindparam("to"))
)


class Found(NamedTuple):
    """What the newest triage of a case named, where it counts."""

    case_id: str
    kind: str


class Joins(NamedTuple):
    """What a batch of triages does to groups: the link and the first case of each case, and the
    cases whose groups must be worked out again afterwards."""

    found: Mapping[str, Found]
    roots: Mapping[str, str]
    unsettled: frozenset[str]


class SqlDuplicates:
    """See `service.ports.store.Duplicates`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, community: str) -> None:
        number = func.hashtext(cast(storable(community), String))
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, number)))

    async def add(self, links: Sequence[DuplicateLink]) -> None:
        rows = [values_of(tables.duplicate_links, link) for link in links]
        await add_rows(self._connection, tables.duplicate_links, rows)
        for link in links:
            both = (link.first_id, link.second_id)
            pair = _S.case_id.in_(both) & _S.duplicate_of.in_(both)
            change = update(tables.case_states).where(pair)
            await self._connection.execute(change.values(duplicate_of=None, duplicate_kind=None))

    async def net(self, case_ids: Collection[str]) -> Net:
        cases, seen = set(case_ids), set[str]()
        found: set[Pair] = set()
        links: dict[str, DuplicateLink] = {}
        while fresh := cases - seen:
            seen |= fresh
            near = await self._found(fresh)
            said = await self._links(fresh)
            found |= near
            links |= {link.id: link for link in said}
            cases |= {case for pair in near for case in pair}
            # A link that is not in force must not draw the other group into the net.
            cases |= {case for pair in in_force((), links.values()) for case in pair}
        return Net(frozenset(cases), frozenset(found), tuple(links.values()))

    async def settle(self, case_ids: Collection[str]) -> frozenset[str]:
        net = await self.net(case_ids)
        first = roots(net.cases, net.pairs)
        rows = [
            {"of_case": case, "to": None if root == case else root}
            for case, root in sorted(first.items())
        ]
        if rows:
            await self._connection.execute(_SET_ROOT, rows)
        return net.cases

    async def joins(self, triages: Sequence[Triage]) -> Joins:
        """What storing these newest triages will do; call before their rows are updated."""
        ids = [triage.case_id for triage in triages]
        before = await self._before(ids)
        named = {t.case_id: t.duplicate_of for t in triages if t.duplicate_of}
        if named or before:
            await self.lock(triages[0].community)
            before = await self._before(ids)
        said = standing(await self._links({*named, *before}))
        found = {
            case: Found(earlier.case_id, earlier.kind.value)
            for case, earlier in named.items()
            if pair_of(case, earlier.case_id) not in said
        }
        first = await self._roots({case: one.case_id for case, one in found.items()})
        crossing = {case for case, root in first.items() if root >= case}
        unsettled = before.keys() | crossing
        touched = unsettled | {other for case in unsettled for other in before.get(case, ())}
        return Joins(found, first, frozenset(touched))

    async def _before(self, ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Cases that stand in a group already, with those they were linked to."""
        mine = select(_S.case_id, _S.duplicate_of).where(
            among(_S.case_id, ids), _S.duplicate_root.is_not(None)
        )
        theirs = select(_S.duplicate_of, _S.case_id).where(among(_S.duplicate_of, ids))
        found: dict[str, tuple[str, ...]] = {}
        for query in (mine, theirs):
            for case, other in await self._connection.execute(query):
                found[case] = (*found.get(case, ()), *((other,) if other else ()))
        for link in await self._links(ids):
            for case in {link.first_id, link.second_id} & set(ids):
                found[case] = (*found.get(case, ()), link.first_id, link.second_id)
        return found

    async def _roots(self, chain: Mapping[str, str]) -> Mapping[str, str]:
        """Case to the first case of its chain of duplicates."""
        query = select(_S.case_id, func.coalesce(_S.duplicate_root, _S.case_id)).where(
            among(_S.case_id, set(chain.values()))
        )
        root_of = {row[0]: row[1] for row in await self._connection.execute(query)}
        return {case_id: _follow(case_id, chain, root_of) for case_id in chain}

    async def _found(self, ids: Collection[str]) -> set[Pair]:
        query = select(_S.case_id, _S.duplicate_of).where(
            or_(among(_S.case_id, ids), among(_S.duplicate_of, ids)), _S.duplicate_of.is_not(None)
        )
        return {pair_of(row[0], row[1]) for row in await self._connection.execute(query)}

    async def _links(self, ids: Iterable[str]) -> tuple[DuplicateLink, ...]:
        wanted = list(ids)
        if not wanted:
            return ()
        query: Any = select(tables.duplicate_links).where(
            or_(among(_L.first_id, wanted), among(_L.second_id, wanted))
        )
        return await fetch_all(self._connection, DuplicateLink, query)


def _follow(case_id: str, chain: Mapping[str, str], root_of: Mapping[str, str]) -> str:
    """Duplicates may point at others of the same batch, whose rows do not know their root yet."""
    seen = {case_id}
    at = chain[case_id]
    while at in chain and at not in seen:
        seen.add(at)
        at = chain[at]
    return root_of.get(at, at)
