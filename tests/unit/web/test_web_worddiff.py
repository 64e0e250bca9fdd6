"""Differences of two texts lose nothing and mark what is really different."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from service.web import worddiff
from service.web.worddiff import Piece, differences

TEXTS = st.text(alphabet="七天内可以退款 refund days.\n", max_size=40)


def marked(text: str) -> str:
    return "".join(f"[{one.text}]" if one.own else one.text for one in _last(text))


def _last(text: str) -> tuple[Piece, ...]:
    one, _, other = text.partition(" | ")
    return differences(one, other)[1]


def test_chinese_goes_by_character_and_english_by_word() -> None:
    assert marked("七天内可以退款 | 三天内可以退款") == "[三]天内可以退款"
    assert marked("refunds take ten days | refunds take two days") == "refunds take [two] days"
    assert marked("七天可退 | 七天可退") == "七天可退"


def test_one_word_between_two_differences_is_noise() -> None:
    assert marked("甲乙的丙丁 | 戊己的庚辛") == "[戊己的庚辛]"


@given(TEXTS, TEXTS)
@example(".a.", "..")
def test_pieces_joined_are_the_texts_again(one: str, other: str) -> None:
    left, right = differences(one, other)
    assert "".join(piece.text for piece in left) == one
    assert "".join(piece.text for piece in right) == other
    assert any(piece.own for piece in (*left, *right)) == (one != other)
    assert all(a.own != b.own for a, b in pairwise(right))


def test_texts_too_long_to_align_differ_between_their_ends() -> None:
    long = "a " * 3000
    left, right = differences(f"same {long}end", f"same {long.replace('a', 'b')}end")
    assert [piece.own for piece in left] == [piece.own for piece in right] == [False, True, False]
    assert len(left[1].text) ** 2 > worddiff.LIMIT
