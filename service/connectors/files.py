"""Messages from a file: JSON lines or CSV with a column mapping, one bad row never ends it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from service.errors import InvalidInput

MAX_LINE = 1_000_000
"""Bytes of one line or field; a longer one is reported, not read."""

FIELDS = ("source", "external_id", "author", "text", "sent_at", "channel", "thread", "reply_to")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. `item` is ready to ingest, unless `problem` says why it is not."""

    line: int
    item: dict[str, object] | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column feeds which field, and fixed values for fields without a column."""

    columns: Mapping[str, str]
    constants: Mapping[str, str]

    def apply(self, raw: Mapping[str, object]) -> dict[str, object]:
        """The item of a row: mapped columns win over constants; empty values are left out."""
        item: dict[str, object] = dict(self.constants)
        for field in FIELDS:
            value = raw.get(self.columns.get(field, field))
            if value not in (None, ""):
                item[field] = value
        return item


Reader = Callable[[BinaryIO, ColumnMap, str], Iterator[Row]]


def parse_mapping(pairs: list[str], constants: list[str]) -> ColumnMap:
    """Read `field=column` and `field=value` pairs.

    Raises:
        InvalidInput: a pair without `=` or an unknown field.
    """
    return ColumnMap(dict(map(_pair, pairs)), dict(map(_pair, constants)))


def read_rows(path: Path, mapping: ColumnMap, *, encoding: str = "utf-8-sig") -> Iterator[Row]:
    """Rows of a `.jsonl` or `.csv` file, in order.

    Raises:
        InvalidInput: the file is missing, of another type, or a CSV without a header.
    """
    readers = {".jsonl": _json_rows, ".ndjson": _json_rows, ".csv": _csv_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput("The file must end in .jsonl, .ndjson or .csv.")
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.")
    return _rows(path, reader, mapping, encoding)


def _rows(path: Path, reader: Reader, mapping: ColumnMap, encoding: str) -> Iterator[Row]:
    with path.open("rb") as stream:
        yield from reader(stream, mapping, encoding)


def _pair(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals or field not in FIELDS:
        raise InvalidInput(f"{text!r}: write FIELD=VALUE with one of {', '.join(FIELDS)}.")
    return field, value


def _json_rows(stream: BinaryIO, mapping: ColumnMap, encoding: str) -> Iterator[Row]:
    for number, line in enumerate(_lines(stream), start=1):
        if line is None:
            yield Row(number, None, f"longer than {MAX_LINE} bytes")
        elif line.strip():
            yield _json_row(number, line, mapping, encoding)


def _json_row(number: int, line: bytes, mapping: ColumnMap, encoding: str) -> Row:
    try:
        raw = json.loads(line.decode(encoding))
    except UnicodeDecodeError:
        return Row(number, None, f"not {encoding} text")
    except (ValueError, RecursionError):
        return Row(number, None, "not JSON")
    if not isinstance(raw, dict):
        return Row(number, None, "not a JSON object")
    return Row(number, mapping.apply(raw))


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Lines, or None for one that is too long to hold."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE + 1)
        yield None


def _csv_rows(stream: BinaryIO, mapping: ColumnMap, encoding: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_LINE)
    with io.TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="") as text:
        reader = csv.DictReader(text, strict=True)
        if not reader.fieldnames:
            raise InvalidInput("The CSV file needs a header line.")
        while True:
            try:
                raw = next(reader)
                yield _csv_row(reader.line_num, raw, mapping, encoding)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(reader.line_num, None, f"not CSV: {error}")


def _csv_row(number: int, raw: dict[str, object], mapping: ColumnMap, encoding: str) -> Row:
    if None in raw:
        return Row(number, None, "more columns than the header")
    item = mapping.apply(raw)
    if any(isinstance(value, str) and _undecoded(value) for value in item.values()):
        return Row(number, None, f"not {encoding} text")
    return Row(number, item)


def _undecoded(value: str) -> bool:
    return any("\udc80" <= char <= "\udcff" for char in value)
