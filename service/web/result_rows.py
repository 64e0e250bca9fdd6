"""Results of posts as lines of CSV."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

from pydantic import ValidationError

from service.domain.result import Measured
from service.errors import InvalidInput

COLUMNS = ("post_id", "metric", "value", "as_of", "source")

MOST_ROWS = 5_000


class Rows(NamedTuple):
    """(post id, count) of lines that can be read, and what is wrong with the others; the head is
    line 1."""

    read: dict[int, tuple[str, Measured]]
    refused: dict[int, str]


def rows_of(data: bytes) -> Rows:
    """The lines of a file in UTF-8 whose head names `COLUMNS`, in any order.

    Raises:
        InvalidInput: it is no such file, or has more than `MOST_ROWS` lines.
    """
    found = Rows({}, {})
    try:
        lines = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if sorted(lines.fieldnames or ()) != sorted(COLUMNS):
            raise InvalidInput(f"The first line must name {', '.join(COLUMNS)}.")
        for row in lines:
            if len(found.read) + len(found.refused) == MOST_ROWS:
                raise InvalidInput(f"Send at most {MOST_ROWS} lines at once.")
            _take(lines.line_num, row, found)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("This is not CSV in UTF-8.") from error
    return found


def _take(line: int, row: dict[str | None, str | None], found: Rows) -> None:
    if None in row or None in row.values():
        found.refused[line] = f"Not {len(COLUMNS)} cells."
        return
    if any("\x00" in str(cell) for cell in row.values()):
        found.refused[line] = "Holds a NUL character."
        return
    given = {str(name): str(cell).strip() for name, cell in row.items()}
    try:
        found.read[line] = given.pop("post_id"), Measured.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        found.refused[line] = f"`{first['loc'][0]}`: {first['msg']}."
