"""Prompt versions, label moves and splits; append-only."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, values_of
from service.db.types import storable
from service.domain.prompt import LabelMove, PromptLabel, PromptSplit, PromptVersion

_V, _M, _S = tables.prompt_versions.c, tables.prompt_moves.c, tables.prompt_splits.c
_LOCK_SPACE = 0x7072
"""First key of the advisory lock on the registry ("pr")."""


class SqlPrompts:
    """See `service.ports.prompts.PromptStore`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, 0)))

    async def stamp(self) -> str:
        newest = [select(func.max(seq)).scalar_subquery() for seq in (_V.seq, _M.seq, _S.seq)]
        row = (await self._connection.execute(select(*newest))).one()
        return "-".join(str(value or 0) for value in row)

    async def add_version(self, version: PromptVersion) -> None:
        row = values_of(tables.prompt_versions, version, partials=dict(version.partials))
        await add_rows(self._connection, tables.prompt_versions, [row])

    async def version(self, template: str, number: int) -> PromptVersion | None:
        where = (_V.template == storable(template)) & (_V.number == number)
        return await fetch_one(self._connection, PromptVersion, tables.prompt_versions, where)

    async def by_hash(self, digest: str) -> PromptVersion | None:
        where = _V.hash == digest
        return await fetch_one(self._connection, PromptVersion, tables.prompt_versions, where)

    async def newest(self, template: str) -> PromptVersion | None:
        query = select(tables.prompt_versions).where(_V.template == storable(template))
        newest = query.order_by(_V.number.desc()).limit(1)
        found = await fetch_all(self._connection, PromptVersion, newest)
        return found[0] if found else None

    async def versions(self) -> tuple[PromptVersion, ...]:
        query = select(tables.prompt_versions).order_by(_V.template, _V.number)
        return await fetch_all(self._connection, PromptVersion, query)

    async def add_move(self, move: LabelMove) -> None:
        row = values_of(tables.prompt_moves, move)
        await add_rows(self._connection, tables.prompt_moves, [row])

    async def moves(self) -> tuple[LabelMove, ...]:
        query = select(tables.prompt_moves).order_by(_M.seq)
        return await fetch_all(self._connection, LabelMove, query)

    async def moves_of(
        self, template: str, community: str | None, label: PromptLabel
    ) -> tuple[LabelMove, ...]:
        query = select(tables.prompt_moves).where(
            _M.template == storable(template),
            _M.community.is_not_distinct_from(community),
            _M.label == label,
        )
        return await fetch_all(self._connection, LabelMove, query.order_by(_M.seq))

    async def add_split(self, split: PromptSplit) -> None:
        row = values_of(tables.prompt_splits, split)
        await add_rows(self._connection, tables.prompt_splits, [row])

    async def splits(self) -> tuple[PromptSplit, ...]:
        query = select(tables.prompt_splits).order_by(_S.seq)
        return await fetch_all(self._connection, PromptSplit, query)
