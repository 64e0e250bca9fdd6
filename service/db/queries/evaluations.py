"""Lists of comparisons with production, and of what went past the gate."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries.newest import newest
from service.db.types import storable
from service.domain.evaluation import Evaluation, Promotion
from service.domain.views import Page

_E, _P = tables.evaluations.c, tables.promotions.c


class Where(NamedTuple):
    """Which promotions; None takes all."""

    community: str
    kind: str | None
    name: str | None
    evaluation: str | None


async def list_evaluations(
    connection: AsyncConnection, community: str, kind: str | None, cursor: str | None, limit: int
) -> Page[Evaluation]:
    """The community's own and everybody's, newest first."""
    query = select(tables.evaluations).where(_seen_by(_E.community, community))
    if kind is not None:
        query = query.where(_E.kind == kind)
    return await newest(connection, Evaluation, tables.evaluations, query, cursor, limit)


async def list_promotions(
    connection: AsyncConnection, where: Where, cursor: str | None, limit: int
) -> Page[Promotion]:
    """The community's own and everybody's, newest first."""
    query = select(tables.promotions).where(_seen_by(_P.community, where.community))
    wanted = ((_P.kind, where.kind), (_P.name, where.name), (_P.evaluation_id, where.evaluation))
    for column, value in wanted:
        if value is not None:
            query = query.where(column == storable(value))
    return await newest(connection, Promotion, tables.promotions, query, cursor, limit)


def _seen_by(column: ColumnElement[str], community: str) -> ColumnElement[bool]:
    return or_(column.is_(None), column == community)
