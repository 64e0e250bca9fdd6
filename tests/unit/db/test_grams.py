"""Substring search by n-grams: the index never loses a text that contains the query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.db.grams import MAX_GRAMS, grams_for, grams_of, searchable

_TEXT = st.text(
    alphabet=st.sampled_from("同步失败了退款 abcXYZ09_，。😀ÄßİⅣｶﾞ"), min_size=1, max_size=40
)


@given(_TEXT, st.data())
def test_every_substring_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    plain = searchable(text)
    start = data.draw(st.integers(0, len(plain) - 1))
    stop = data.draw(st.integers(start + 1, len(plain)))
    assert set(grams_for(plain[start:stop])) <= set(grams_of(plain))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("退款", "我要退款！", True),
        ("款", "我要退款！", True),
        ("SYNC", "the sync broke", True),
        ("app崩溃", "这个app崩溃了", True),
        ("退货", "我要退款！", False),
        ("款退", "我要退款！", False),
        ("sync", "the son", False),
        ("ａｐｐ", "this app", True),
    ],
)
def test_grams_tell_most_texts_apart(query: str, text: str, found: bool) -> None:
    wanted = grams_for(searchable(query))
    assert wanted
    assert (set(wanted) <= set(grams_of(searchable(text)))) is found


def test_signs_alone_have_no_grams() -> None:
    assert grams_for("！？ _") == []


def test_a_long_query_stays_bounded() -> None:
    assert len(grams_for("".join(chr(0x4E00 + i) for i in range(500)))) == MAX_GRAMS


def test_grams_fit_postgres_integers() -> None:
    assert all(-(2**31) <= gram < 2**31 for gram in grams_of("abcdefgh 同步又失败了"))
