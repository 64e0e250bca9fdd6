"""Tables as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Request, Response

MEDIA_TYPE = "text/csv"

CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
}
"""OpenAPI entry of an answer that may also be CSV."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def wants_csv(request: Request, picked: str | None) -> bool:
    """Whether the caller asked for CSV, by parameter or by what it accepts."""
    if picked is not None:
        return picked == "csv"
    accepted = request.headers.get("accept", "")
    return accepted.split(",")[0].split(";")[0].strip().lower() == MEDIA_TYPE


def as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file with a byte-order mark, which Excel needs to read UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Response(
        "\ufeff" + out.getvalue(),
        media_type=f"{MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets a quote in front."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
