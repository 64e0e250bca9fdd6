"""Lists of corrections, examples and refits, newest first."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries.newest import newest
from service.db.types import storable
from service.domain.bank import BankTerm
from service.domain.example import Example
from service.domain.override import Override
from service.domain.refit import Refit
from service.domain.views import Page
from service.ports.queries import ExampleFilter, OverrideFilter, TermFilter

_V, _E, _F = tables.overrides.c, tables.examples.c, tables.refits.c
_T = tables.bank_terms.c


async def list_overrides(
    connection: AsyncConnection,
    community: str,
    where: OverrideFilter,
    cursor: str | None,
    limit: int,
) -> Page[Override]:
    """Corrections that pass every filter."""
    query = select(tables.overrides).where(_V.community == community)
    if where.case_id is not None:
        query = query.where(_V.case_id == storable(where.case_id))
    if where.by is not None:
        query = query.where(_V.by == storable(where.by))
    if where.field is not None:
        query = query.where(_V.change[where.field].as_string().is_not(None))
    if where.since is not None:
        query = query.where(_V.created_at >= where.since)
    if where.until is not None:
        query = query.where(_V.created_at < where.until)
    return await newest(connection, Override, tables.overrides, query, cursor, limit)


async def list_examples(
    connection: AsyncConnection,
    community: str,
    where: ExampleFilter,
    cursor: str | None,
    limit: int,
) -> Page[Example]:
    """Examples of the community and those every community shares."""
    query = select(tables.examples).where(_mine(_E.community, community, where.shared))
    for column, wanted in (
        (_E.status, where.status),
        (_E.category, where.category),
        (_E.lang, where.lang),
        (_E.origin, where.origin),
        (_E.case_id, where.case_id),
    ):
        if wanted is not None:
            query = query.where(column == storable(wanted))
    if where.text.strip():
        query = query.where(_E.text.icontains(storable(where.text.strip()), autoescape=True))
    return await newest(connection, Example, tables.examples, query, cursor, limit)


async def list_terms(
    connection: AsyncConnection, community: str, where: TermFilter, cursor: str | None, limit: int
) -> Page[BankTerm]:
    """Managed terms of the community and those every community shares."""
    query = select(tables.bank_terms).where(_mine(_T.community, community, None))
    for column, wanted in ((_T.status, where.status), (_T.kind, where.kind), (_T.code, where.code)):
        if wanted is not None:
            query = query.where(column == storable(wanted))
    if where.text.strip():
        query = query.where(_T.phrase.icontains(storable(where.text.strip()), autoescape=True))
    return await newest(connection, BankTerm, tables.bank_terms, query, cursor, limit)


async def list_refits(
    connection: AsyncConnection, community: str, cursor: str | None, limit: int
) -> Page[Refit]:
    """Refits of the community and of what every community shares."""
    query = select(tables.refits).where(_mine(_F.community, community, None))
    return await newest(connection, Refit, tables.refits, query, cursor, limit)


def _mine(column: ColumnElement[str], community: str, shared: bool | None) -> ColumnElement[bool]:
    if shared is True:
        return column.is_(None)
    if shared is False:
        return column == community
    return or_(column.is_(None), column == community)
