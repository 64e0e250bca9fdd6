"""Cursors: what comes back is what went out, and nothing else is accepted."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.db.queries.cursor import encode, score_key, time_key
from service.errors import InvalidInput


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=50),
)
def test_scores_survive_exactly(score: float, row: str) -> None:
    key = score_key(encode(score, row))
    assert key == (score, row)


def test_times_survive_exactly() -> None:
    at = datetime(2026, 4, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert time_key(encode(at, "case_1")) == (at, "case_1")


def test_no_cursor_is_the_first_page() -> None:
    assert time_key(None) is None
    assert score_key(None) is None


def _pack(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%%%",
        "é",
        "bm90IGpzb24",
        _pack([]),
        _pack({"a": 1}),
        _pack(["2026-04-01T00:00:00", "x"]),
        _pack(["yesterday", "x"]),
        _pack([1, 2]),
        _pack([True, "x"]),
        _pack([1, "a\x00"]),
        _pack(["2026-04-01T00:00:00+00:00", "\ud800"]),
        _pack([1, "\ud800"]),
        "[" * 5000,
    ],
)
def test_a_made_up_cursor_is_invalid_input(cursor: str) -> None:
    for read in (time_key, score_key):
        with pytest.raises(InvalidInput, match="cursor"):
            read(cursor)
