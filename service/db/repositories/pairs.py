"""Lists of keys as a table to join with: one array per column, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import TableValuedAlias, cast, column, func
from sqlalchemy.dialects.postgresql import ARRAY

from service.db.types import SafeText, storable


def pairs_table(rows: Iterable[Sequence[str | None]], *names: str) -> TableValuedAlias:
    """`unnest` of the rows' columns under these names."""
    columns = zip(*rows, strict=True)
    arrays = [cast([_safe(v) for v in values], ARRAY(SafeText)) for values in columns]
    typed = [column(name, SafeText) for name in names]
    return func.unnest(*arrays).table_valued(*typed, name="wanted").render_derived()


def _safe(value: str | None) -> str | None:
    return None if value is None else storable(value)
