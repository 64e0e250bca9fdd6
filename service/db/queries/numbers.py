"""Counting."""

from __future__ import annotations

from sqlalchemy import Boolean, ColumnElement, and_, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.repositories.deadlines import LATE, NEAR
from service.db.tables.desk import UNDECIDED
from service.domain.delivery import OutboxStatus
from service.domain.views import Counts

_S, _L = tables.case_states.c, tables.tallies.c
# Written as the partial index has it, so that it fits.
_SHOWN: ColumnElement[bool] = literal_column("sla IN (1, 2)", Boolean)
_T, _O = tables.review_tasks.c, tables.outbox_entries.c


async def counts(connection: AsyncConnection, community: str | None) -> Counts:
    """Numbers of the page header: kept tallies and partial indexes, never a full scan."""
    query = select(
        _total(_L.messages, community).label("messages"),
        _total(_L.cases, community).label("cases"),
        _number(_S.community, community, _S.triaged_size < _S.size).label("untriaged"),
        _number(_T.community, community, UNDECIDED).label("open_tasks"),
        _number(_O.community, community, _O.status == OutboxStatus.PENDING).label("outbox_pending"),
        _number(_O.community, community, _O.status == OutboxStatus.DEAD).label("outbox_dead"),
        _number(_S.community, community, and_(_SHOWN, _S.sla == NEAR)).label("near"),
        _number(_S.community, community, and_(_SHOWN, _S.sla == LATE)).label("late"),
    )
    row = (await connection.execute(query)).mappings().one()
    return Counts.model_validate(dict(row))


def _total(column: ColumnElement[int], community: str | None) -> ColumnElement[int]:
    query = select(func.coalesce(func.sum(column), 0))
    if community is not None:
        query = query.where(_L.community == community)
    return query.scalar_subquery()


def _number(
    owner: ColumnElement[str], community: str | None, condition: ColumnElement[bool]
) -> ColumnElement[int]:
    query = select(func.count()).where(condition)
    if community is not None:
        query = query.where(owner == community)
    return query.scalar_subquery()
