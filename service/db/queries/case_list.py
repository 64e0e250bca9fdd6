"""Case search: newest first, by text, category, department, status, severity, time and theme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.grams import grams_for, searchable
from service.db.queries import cursor as cursors
from service.db.repositories.deadlines import ANSWERED, LATE, NEAR
from service.db.tables.desk import UNDECIDED
from service.db.types import SafeText, storable
from service.domain.deadline import BreachKind
from service.domain.delivery import OutboxStatus
from service.domain.views import CaseRow, Page
from service.errors import InvalidInput
from service.ports.queries import CaseFilter

_S, _T, _D = tables.case_states.c, tables.review_tasks.c, tables.decisions.c
_O, _M, _H = tables.outbox_entries.c, tables.case_themes.c, tables.themes.c

_OUTDATED = _S.triaged_size < _S.size
_UNDECIDED = exists().where(_T.case_id == _S.case_id, UNDECIDED)
_DECIDED = exists().where(_T.case_id == _S.case_id, _D.task_id == _T.id, _D.undone_at.is_(None))
_DELIVERED = exists().where(
    _T.case_id == _S.case_id,
    _D.task_id == _T.id,
    _D.undone_at.is_(None),
    _O.decision_id == _D.id,
    _O.status == OutboxStatus.DELIVERED,
)

_STATUS: dict[str, ColumnElement[bool]] = {
    "untriaged": _OUTDATED,
    "in_review": ~_OUTDATED & _UNDECIDED,
    "delivered": ~_OUTDATED & ~_UNDECIDED & _DELIVERED,
    "decided": ~_OUTDATED & ~_UNDECIDED & ~_DELIVERED & _DECIDED,
    "triaged": ~_OUTDATED & ~_UNDECIDED & ~_DECIDED,
}
"""What each status means; the first that fits in this order is shown."""

_CLOCKS = {BreachKind.NEAR.value: NEAR, BreachKind.BREACHED.value: LATE}

_SHOWN = case(
    (_OUTDATED, "untriaged"),
    (_UNDECIDED, "in_review"),
    (_DELIVERED, "delivered"),
    (_DECIDED, "decided"),
    else_="triaged",
)


WINDOW = 5_000
"""Newest cases that a text search reads before it turns to the gram index."""


async def list_cases(
    connection: AsyncConnection, community: str, where: CaseFilter, cursor: str | None, limit: int
) -> Page[CaseRow]:
    """One page of cases; see `service.ports.queries.Queries.cases`."""
    limit = cursors.bounded(limit)
    pool = select(tables.case_states).where(_S.community == community)
    if after := cursors.time_key(cursor):
        pool = pool.where(tuple_(_S.last_at, _S.case_id) < tuple_(after.at, after.id))
    found = await _find(connection, pool, where, limit + 1)
    more = await _details(connection, [row["case_id"] for row in found])
    return cursors.page(
        found,
        limit,
        lambda row: _row(row, more[row["case_id"]]),
        lambda row: cursors.encode(row["last_at"], row["case_id"]),
    )


async def _find(
    connection: AsyncConnection, pool: Select[Any], where: CaseFilter, wanted: int
) -> Sequence[RowMapping]:
    """The newest rows that fit.

    Words that many cases contain fill a page from the newest few thousand, read in order; only
    rarer ones go through the gram index, which would read every case with a frequent word.
    """
    fitting = pool.where(*_conditions(where))
    text = searchable(storable(where.text.strip()))
    if not text:
        return await _newest(connection, fitting, wanted)
    fitting = fitting.where(func.strpos(_S.searchable, literal(text, SafeText)) > 0)
    oldest = await _window_end(connection, pool)
    if oldest is None:
        return await _newest(connection, fitting, wanted)
    found = await _newest(connection, fitting.where(_S.last_at >= oldest), wanted)
    if len(found) == wanted:
        return found
    grams = grams_for(text)
    return await _newest(
        connection, fitting.where(_S.grams.contains(grams)) if grams else fitting, wanted
    )


async def _window_end(connection: AsyncConnection, pool: Select[Any]) -> datetime | None:
    """Time of the last case inside the window; None when all cases are."""
    times = pool.with_only_columns(_S.last_at).order_by(_S.last_at.desc(), _S.case_id.desc())
    end: datetime | None = await connection.scalar(times.offset(WINDOW - 1).limit(1))
    return end


async def _newest(
    connection: AsyncConnection, query: Select[Any], wanted: int
) -> Sequence[RowMapping]:
    newest = query.order_by(_S.last_at.desc(), _S.case_id.desc()).limit(wanted)
    rows: Sequence[RowMapping] = (await connection.execute(newest)).mappings().all()
    return rows


def _conditions(where: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if where.category is not None:
        yield _S.category == where.category
    if where.department is not None:
        yield _S.department == where.department
    if where.min_severity is not None:
        yield _S.severity >= where.min_severity
    if where.since is not None:
        yield _S.last_at >= where.since
    if where.until is not None:
        yield _S.last_at < where.until
    if where.theme_id is not None:
        yield _in_theme(where.theme_id)
    if where.sla is not None:
        yield _late(where.sla)
    if where.status is not None:
        yield _with_status(where.status)


def _late(kind: str) -> ColumnElement[bool]:
    if kind not in _CLOCKS:
        raise InvalidInput(f"sla is one of {', '.join(_CLOCKS)}.")
    return and_(literal_column("sla IN (1, 2)", Boolean), _S.sla == _CLOCKS[kind], ~ANSWERED)


def _in_theme(theme_id: str) -> ColumnElement[bool]:
    """In the theme, or in a theme of the topic."""
    below = select(_H.id).where(or_(_H.id == theme_id, _H.parent_id == theme_id))
    return _S.case_id.in_(select(_M.case_id).where(_M.theme_id.in_(below)))


def _with_status(status: str) -> ColumnElement[bool]:
    if status not in _STATUS:
        raise InvalidInput(f"status is one of {', '.join(_STATUS)}.")
    return _STATUS[status]


async def _details(connection: AsyncConnection, case_ids: list[str]) -> dict[str, RowMapping]:
    c = tables.cases.c
    query = select(_S.case_id, c.source, c.channel, _SHOWN.label("status")).join(
        tables.cases, c.id == _S.case_id
    )
    rows = await connection.execute(query.where(_S.case_id.in_(case_ids)))
    return {row["case_id"]: row for row in rows.mappings()}


def _row(state: RowMapping, more: RowMapping) -> CaseRow:
    joined: dict[str, Any] = {**state, **more, "excerpt": state["excerpt"] or ""}
    return CaseRow(**{name: joined[name] for name in CaseRow.model_fields})
