"""What entry does to a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.cleaning import clean_text, is_blank


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b", "ab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[31mred\x07", "[31mred"),
        ("tab\tstays", "tab\tstays"),
        ("加\u200b微信", "加\u200b微信"),
        ("broken \ud800 half", "broken  half"),
    ],
)
def test_control_characters_go_and_the_rest_stays(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200d\ufeff", "\u3000"])
def test_invisible_texts_are_blank(text: str) -> None:
    assert is_blank(text)


def test_a_visible_character_is_enough() -> None:
    assert not is_blank("\u200b。\u200b")


@given(st.text())
def test_cleaning_twice_changes_nothing_and_the_result_is_storable(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert "\x00" not in once
    once.encode()
