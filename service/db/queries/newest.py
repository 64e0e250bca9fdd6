"""A page of a table's rows, newest first."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Select, Table, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.queries import cursor as cursors
from service.db.rows import to_model
from service.domain.views import Page

M = TypeVar("M", bound=BaseModel)


async def newest(
    connection: AsyncConnection, model: type[M], table: Table, query: Select[Any],
    cursor: str | None, limit: int, *, by: str = "created_at",
) -> Page[M]:  # fmt: skip
    """Rows of `query` as models; `by` names the column of their time, ids break ties.

    Raises:
        InvalidInput: the cursor or the limit cannot be used.
    """
    limit, at, identity = cursors.bounded(limit), table.c[by], table.c.id
    if after := cursors.time_key(cursor):
        query = query.where(tuple_(at, identity) < tuple_(after.at, after.id))
    query = query.order_by(at.desc(), identity.desc()).limit(limit + 1)
    rows = (await connection.execute(query)).mappings().all()
    return cursors.page(
        rows, limit, lambda row: to_model(model, row),
        lambda row: cursors.encode(row[by], row["id"]),
    )  # fmt: skip
