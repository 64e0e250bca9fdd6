"""Labelled examples and the refits they went through."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import fetch_all, fetch_one, values_of
from service.domain.example import Example, ExampleStatus
from service.domain.report import ExampleChoice

_E = tables.examples.c
_LOCK_SPACE = 0x6578
"""First key of the advisory locks on sets of examples ("ex")."""


class SqlExamples:
    """See `service.ports.learning.Examples`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, 0)))

    async def propose(self, example: Example) -> bool:
        same = (
            _E.community.is_not_distinct_from(example.community),
            _E.content_hash == example.content_hash,
        )
        await self._connection.execute(
            update(tables.examples)
            .where(*same, _E.status == ExampleStatus.PROPOSED, _E.category != example.category)
            .values(status=ExampleStatus.REJECTED, reason="superseded",
                    decided_by=example.proposed_by, decided_at=example.created_at)
        )  # fmt: skip
        known = select(_E.id).where(
            *same, _E.status == ExampleStatus.ACCEPTED, _E.category == example.category
        )
        if await self._connection.scalar(known.limit(1)) is not None:
            return False
        row = values_of(tables.examples, example)
        added = insert(tables.examples).values(row).on_conflict_do_nothing().returning(_E.id)
        return await self._connection.scalar(added) is not None

    async def get(self, example_id: str, *, lock: bool = False) -> Example | None:
        where = _E.id == example_id
        return await fetch_one(self._connection, Example, tables.examples, where, lock=lock)

    async def save(self, example: Example) -> None:
        row = values_of(tables.examples, example)
        await self._connection.execute(
            update(tables.examples).where(_E.id == example.id).values(row)
        )

    async def accepted(self, community: str | None) -> tuple[Example, ...]:
        return await self._with_status(community, [ExampleStatus.ACCEPTED])

    async def chosen(self, community: str | None, choice: ExampleChoice) -> tuple[Example, ...]:
        waiting = [ExampleStatus.PROPOSED, ExampleStatus.HELD]
        wanted = {
            ExampleChoice.SHIPPED: [],
            ExampleChoice.ACCEPTED: [ExampleStatus.ACCEPTED],
            ExampleChoice.PROPOSED: [ExampleStatus.ACCEPTED, *waiting],
        }
        return await self._with_status(community, wanted[choice])

    async def _with_status(
        self, community: str | None, statuses: Collection[ExampleStatus]
    ) -> tuple[Example, ...]:
        mine: ColumnElement[bool] = _E.community.is_(None)
        if community is not None:
            mine = or_(mine, _E.community == community)
        query = select(tables.examples).where(_E.status.in_(statuses), mine)
        return await fetch_all(self._connection, Example, query.order_by(_E.id))

    async def live(self, community: str | None, hashes: Collection[str]) -> tuple[Example, ...]:
        standing = (ExampleStatus.PROPOSED, ExampleStatus.HELD, ExampleStatus.ACCEPTED)
        query = select(tables.examples).where(
            _E.community.is_not_distinct_from(community),
            _E.content_hash.in_(hashes),
            _E.status.in_(standing),
        )
        return await fetch_all(self._connection, Example, query.order_by(_E.id))
