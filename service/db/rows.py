"""Between rows and domain values: columns and fields carry the same names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import (
    Column,
    ColumnElement,
    RowMapping,
    Select,
    Table,
    TableValuedAlias,
    Update,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.types import SafeText, storable

M = TypeVar("M", bound=BaseModel)

Values = dict[str, Any]
"""Column name to value."""


def values_of(table: Table, value: object, **more: object) -> Values:
    """A row of `table` from the fields of the same names; `more` adds or replaces columns."""
    names = _shared(table, type(value))
    return {name: _plain(getattr(value, name)) for name in names} | more


def _shared(table: Table, kind: type) -> tuple[str, ...]:
    """Names that are both columns and fields; asking an object for a missing one is slow."""
    fields = getattr(kind, "model_fields", None) or getattr(kind, "__dataclass_fields__", {})
    return tuple(column.name for column in table.columns if column.name in fields)


def _plain(value: object) -> object:
    """Tuples and sets become lists, which drivers write as arrays."""
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def to_model(model: type[M], row: RowMapping | Mapping[str, object]) -> M:
    """The domain value of a row; columns that the model does not know are left out."""
    return model.model_validate({name: row[name] for name in model.model_fields})


async def fetch_one(
    connection: AsyncConnection, model: type[M], table: Table, where: ColumnElement[bool],
    *, lock: bool = False,
) -> M | None:  # fmt: skip
    """The row that fits, if any; `lock` holds it until the transaction ends."""
    query = select(table).where(where)
    result = await connection.execute(query.with_for_update() if lock else query)
    row = result.mappings().first()
    return None if row is None else to_model(model, row)


async def fetch_all(
    connection: AsyncConnection, model: type[M], query: Select[Any]
) -> tuple[M, ...]:
    """Every row of a query, as values."""
    result = await connection.execute(query)
    return tuple(to_model(model, row) for row in result.mappings())


def among(column: ColumnElement[Any], ids: Collection[str]) -> ColumnElement[bool]:
    """Whether the column is one of these, as one array: a parameter each is parsed anew in every
    statement."""
    return column == any_(cast([storable(one) for one in ids], ARRAY(SafeText)))


async def add_rows(connection: AsyncConnection, table: Table, rows: Iterable[Values]) -> None:
    """Insert; nothing happens for no rows."""
    if given := list(rows):
        await connection.execute(insert(table), given)


async def add_new_rows(
    connection: AsyncConnection, table: Table, rows: Iterable[Values]
) -> frozenset[str]:
    """Insert those that break no unique constraint, in one statement; their ids."""
    given = list(rows)
    if not given:
        return frozenset()
    statement = bulk_insert(table, given[0]).on_conflict_do_nothing().returning(table.c.id)
    return frozenset((await connection.execute(statement, bulk_values(given))).scalars())


def bulk_insert(table: Table, names: Iterable[str]) -> Insert:
    """`INSERT ... SELECT` from one JSON parameter: five times faster than a parameter a value."""
    columns = [table.c[name] for name in names]
    source = select(*_recordset(columns).c)
    return insert(table).from_select([c.name for c in columns], source)


def bulk_update(table: Table, key: str, names: Iterable[str]) -> tuple[Update, TableValuedAlias]:
    """`UPDATE ... FROM` one JSON parameter, by a key column; and the new rows, for conditions."""
    new = _recordset([table.c[name] for name in (key, *names)])
    changed = {name: new.c[name] for name in new.c.keys() if name != key}  # noqa: SIM118 columns
    return update(table).where(table.c[key] == new.c[key]).values(changed), new


def _recordset(columns: Sequence[Column[Any]]) -> TableValuedAlias:
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB)).table_valued(
        *(column(c.name, c.type) for c in columns), name="new"
    )
    return rows.render_derived(with_types=True)


def bulk_values(rows: Sequence[Values]) -> Values:
    """The parameter of a bulk insert or update."""
    return {"rows": rows}


def upsert(table: Table, *, keep: Iterable[str] = ()) -> Insert:
    """Insert or replace by primary key; the columns in `keep` stay as they were."""
    return replacing(insert(table), table, keep=keep)


def replacing(statement: Insert, table: Table, *, keep: Iterable[str] = ()) -> Insert:
    """The insert, made to replace the row with the same primary key."""
    keys = [column.name for column in table.primary_key]
    fixed = {*keys, *keep}
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in fixed and column.identity is None
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)
