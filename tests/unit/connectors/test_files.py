"""Messages from files: every row is answered for, by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.connectors.files import MAX_LINE, parse_mapping, read_rows
from service.errors import InvalidInput

PLAIN = parse_mapping([], [])


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_json_lines_with_bad_rows(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.jsonl",
        '{"text":"好"}\n\nnot json\n[1]\n'.encode() + b'{"text":"\xff"}\n{"text":"last"}',
    )
    rows = list(read_rows(file, PLAIN))
    assert [(row.line, row.problem) for row in rows] == [
        (1, None),
        (3, "not JSON"),
        (4, "not a JSON object"),
        (5, "not utf-8-sig text"),
        (6, None),
    ]
    assert rows[-1].item == {"text": "last"}


def test_a_monstrous_line_is_reported_and_the_next_one_read(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", b'{"text":"' + b"x" * (2 * MAX_LINE) + b'"}\n{"text":"b"}\n')
    first, second = read_rows(file, PLAIN)
    assert first.item is None
    assert second.item == {"text": "b"}


def test_csv_columns_are_mapped_and_constants_fill_in(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "\ufeff内容,用户\n你好,ann\n".encode())
    mapping = parse_mapping(["text=内容", "author=用户"], ["source=forum"])
    (row,) = read_rows(file, mapping)
    assert row.item == {"text": "你好", "author": "ann", "source": "forum"}
    assert row.line == 2


def test_csv_rows_of_other_encodings_and_shapes_are_reported(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", b"text\nok\n\xc4\xe3\na,b\nfine\n")
    rows = list(read_rows(file, PLAIN))
    assert [row.problem for row in rows] == [
        None,
        "not utf-8-sig text",
        "more columns than the header",
        None,
    ]


def test_another_encoding_can_be_named(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text\n你好\n".encode("gb18030"))
    (row,) = read_rows(file, PLAIN, encoding="gb18030")
    assert row.item == {"text": "你好"}


def test_quoted_line_breaks_stay_in_the_text(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", b'text\n"one\ntwo"\nlast\n')
    first, second = read_rows(file, PLAIN)
    assert first.item == {"text": "one\ntwo"}
    assert (first.line, second.line) == (3, 4)


@pytest.mark.parametrize("name", ["a.xlsx", "a", "missing.csv"])
def test_other_and_missing_files_are_refused(tmp_path: Path, name: str) -> None:
    if not name.startswith("missing"):
        write(tmp_path / name, b"x")
    with pytest.raises(InvalidInput):
        list(read_rows(tmp_path / name, PLAIN))


def test_an_empty_csv_needs_a_header(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="header"):
        list(read_rows(write(tmp_path / "a.csv", b""), PLAIN))


@pytest.mark.parametrize("pair", ["text", "colour=red"])
def test_mappings_are_checked(pair: str) -> None:
    with pytest.raises(InvalidInput):
        parse_mapping([pair], [])
