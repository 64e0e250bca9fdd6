"""Routing sets, activations, and the themes rules may ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, to_model, values_of
from service.db.types import storable
from service.domain.routing import Activation, RoutingSet

_R, _A, _M = tables.routing_sets.c, tables.routing_activations.c, tables.case_themes.c
_H = tables.themes.c
_LOCK_SPACE = 0x726F
"""First key of the advisory locks on communities' rules ("ro")."""


class SqlRouting:
    """See `service.ports.routing.Routing`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, community: str) -> None:
        number = func.hashtext(cast(storable(community), String))
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, number)))

    async def add(self, given: RoutingSet) -> None:
        await add_rows(
            self._connection, tables.routing_sets, [values_of(tables.routing_sets, given)]
        )

    async def get(self, set_id: str) -> RoutingSet | None:
        return await fetch_one(self._connection, RoutingSet, tables.routing_sets, _R.id == set_id)

    async def version(self, community: str, version: int) -> RoutingSet | None:
        query = select(tables.routing_sets).where(_R.community == community)
        found = await fetch_all(self._connection, RoutingSet, query.where(_R.version == version))
        return found[0] if found else None

    async def newest(self, community: str) -> RoutingSet | None:
        query = select(tables.routing_sets).where(_R.community == community)
        newest = query.order_by(_R.version.desc()).limit(1)
        found = await fetch_all(self._connection, RoutingSet, newest)
        return found[0] if found else None

    async def all(self, community: str) -> tuple[RoutingSet, ...]:
        query = select(tables.routing_sets).where(_R.community == community)
        return await fetch_all(self._connection, RoutingSet, query.order_by(_R.version.desc()))

    async def activate(self, activation: Activation) -> None:
        row = values_of(tables.routing_activations, activation)
        await add_rows(self._connection, tables.routing_activations, [row])

    async def activation(self, community: str) -> Activation | None:
        query = select(tables.routing_activations).where(_A.community == community)
        newest = query.order_by(_A.at.desc(), _A.id.desc()).limit(1)
        row = (await self._connection.execute(newest)).mappings().first()
        return None if row is None else to_model(Activation, row)

    async def active(self, community: str) -> RoutingSet | None:
        activation = await self.activation(community)
        return None if activation is None else await self.get(activation.set_id)

    async def themes_of(self, case_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        query = (
            select(_M.case_id, _M.theme_id, _H.parent_id)
            .join(tables.themes, _H.id == _M.theme_id)
            .where(_M.case_id.in_(case_ids))
        )
        found: dict[str, set[str]] = defaultdict(set)
        for case_id, theme_id, topic in await self._connection.execute(query):
            found[case_id] |= {theme_id, *([topic] if topic else [])}
        return {case_id: frozenset(themes) for case_id, themes in found.items()}
