"""Test cases that grow from people's work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import fetch_all, fetch_one, upsert, values_of
from service.db.types import storable
from service.domain.change import ChangeKind
from service.domain.sample import Sample, SampleStatus, SampleTask

_S = tables.samples.c
_LIVE = (SampleStatus.PROPOSED.value, SampleStatus.ACCEPTED.value)
_LOCK_SPACE = 0x736D
"""First key of the advisory locks on a community's samples ("sm")."""

_WITHDRAWN = exists().where(
    tables.message_changes.c.message_id == tables.messages.c.id,
    tables.messages.c.case_id == _S.case_id,
    tables.message_changes.c.kind == ChangeKind.WITHDRAWN.value,
)


class SqlSamples:
    """See `service.ports.samples.Samples`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, community: str) -> None:
        number = func.hashtext(cast(storable(community), String))
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, number)))

    async def get(self, sample_id: str, *, lock: bool = False) -> Sample | None:
        where = _S.id == storable(sample_id)
        return await fetch_one(self._connection, Sample, tables.samples, where, lock=lock)

    async def save(self, sample: Sample) -> None:
        wanted = sample.wanted.model_dump(mode="json")
        row = values_of(tables.samples, sample, task=sample.task.value, wanted=wanted)
        await self._connection.execute(upsert(tables.samples).values(row))

    async def live(self, community: str, task: SampleTask) -> tuple[Sample, ...]:
        query = select(tables.samples).where(_S.community == community, _S.task == task.value)
        query = query.where(_S.status.in_(_LIVE)).order_by(_S.created_at, _S.id)
        return await fetch_all(self._connection, Sample, query)

    async def of_case(self, case_id: str, task: SampleTask) -> tuple[Sample, ...]:
        query = select(tables.samples).where(_S.case_id == case_id, _S.task == task.value)
        return await fetch_all(self._connection, Sample, query.order_by(_S.created_at, _S.id))

    async def newest(
        self, community: str | None, task: SampleTask, limit: int
    ) -> tuple[Sample, ...]:
        query = _accepted(community, task).order_by(_S.decided_at.desc(), _S.id.desc())
        return await fetch_all(self._connection, Sample, query.limit(limit))

    async def accepted(self, community: str, task: SampleTask) -> tuple[Sample, ...]:
        query = _accepted(community, task).order_by(_S.decided_at, _S.id)
        return await fetch_all(self._connection, Sample, query)


def _accepted(community: str | None, task: SampleTask) -> Select[Any]:
    """Of one community, or of all."""
    query = select(tables.samples).where(_S.status == SampleStatus.ACCEPTED.value, ~_WITHDRAWN)
    query = query.where(_S.task == task.value)
    return query if community is None else query.where(_S.community == community)
