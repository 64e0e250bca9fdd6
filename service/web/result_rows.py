"""Results of posts as lines of CSV or as JSON objects, each read by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
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


def items_read(items: Sequence[object]) -> Rows:
    """The same of JSON objects with these names; the first is number 1.

    Raises:
        InvalidInput: more than `MOST_ROWS`.
    """
    if len(items) > MOST_ROWS:
        raise InvalidInput(f"Send at most {MOST_ROWS} at once.")
    found = Rows({}, {})
    for number, one in enumerate(items, start=1):
        if isinstance(one, dict):
            _read(number, one, found)
        else:
            found.refused[number] = "Not an object."
    return found


def _take(line: int, row: dict[str | None, str | None], found: Rows) -> None:
    if None in row or None in row.values():
        found.refused[line] = f"Not {len(COLUMNS)} cells."
        return
    _read(line, {str(name): str(cell).strip() for name, cell in row.items()}, found)


def _read(number: int, given: Mapping[str, object], found: Rows) -> None:
    if any("\x00" in cell for cell in given.values() if isinstance(cell, str)):
        found.refused[number] = "Holds a NUL character."
        return
    post = given.get("post_id")
    if not isinstance(post, str):
        found.refused[number] = "`post_id`: must be a text."
        return
    try:
        one = Measured.model_validate({k: v for k, v in given.items() if k != "post_id"})
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        found.refused[number] = f"`{first['loc'][0]}`: {first['msg']}."
    else:
        found.read[number] = post, one
