"""Managed terms of the phrase bank, and the looks at personal data."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_new_rows, add_rows, fetch_all, fetch_one, values_of
from service.domain.bank import BankTerm, TermStatus
from service.domain.reveal import Reveal

_B, _R = tables.bank_terms.c, tables.reveals.c
_LOCK_SPACE = 0x626B
"""First key of the advisory lock on the terms ("bk")."""


class SqlBankTerms:
    """See `service.ports.bank.BankTerms`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, 0)))

    async def add(self, terms: Sequence[BankTerm]) -> int:
        rows = [_row(term) for term in terms]
        return len(await add_new_rows(self._connection, tables.bank_terms, rows))

    async def get(self, term_id: str, *, lock: bool = False) -> BankTerm | None:
        where = _B.id == term_id
        return await fetch_one(self._connection, BankTerm, tables.bank_terms, where, lock=lock)

    async def save(self, term: BankTerm) -> None:
        await self._connection.execute(
            update(tables.bank_terms)
            .where(_B.id == term.id)
            .values(values_of(tables.bank_terms, term))
        )

    async def active(self, community: str | None, *, own: bool = False) -> tuple[BankTerm, ...]:
        mine: ColumnElement[bool] = _B.community.is_not_distinct_from(community)
        if community is not None and not own:
            mine = or_(mine, _B.community.is_(None))
        query = select(tables.bank_terms).where(_B.status == TermStatus.ACTIVE, mine)
        return await fetch_all(self._connection, BankTerm, query.order_by(_B.id))


class SqlReveals:
    """See `service.ports.bank.Reveals`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, reveal: Reveal) -> None:
        await add_rows(self._connection, tables.reveals, [values_of(tables.reveals, reveal)])

    async def of_case(self, case_id: str) -> tuple[Reveal, ...]:
        query = select(tables.reveals).where(_R.case_id == case_id).order_by(_R.at, _R.id)
        return await fetch_all(self._connection, Reveal, query)


def _row(term: BankTerm) -> dict[str, object]:
    """A row for a bulk insert, whose parameter is JSON."""
    return term.model_dump(mode="json")
