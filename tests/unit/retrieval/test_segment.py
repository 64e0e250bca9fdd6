"""The segmenter meets look-alike spellings in the same tokens, at both sides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.segment import normalise, segment, stem

MIXED = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("退款規則规则會員会员，。Ａｂ①ﬁ ſß\u200b1.2-'s"),
    ),
    max_size=80,
)


@settings(deadline=None)
@given(MIXED)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@settings(deadline=None)
@given(MIXED)
def test_a_normalised_text_gives_the_same_tokens(text: str) -> None:
    assert segment(normalise(text)) == segment(text)


@settings(deadline=None)
@given(MIXED)
def test_tokens_hold_no_space_or_punctuation(text: str) -> None:
    assert all(
        token and not any(ch.isspace() or ch in "，。,.!?-" for ch in token)
        for token in segment(text)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("請勿張貼廣告", "请勿张贴广告"),
        ("ＷｉＦｉ密码", "wifi密码"),
        ("退\u200b款", "退款"),
        ("Refunds, policies & batches", "refund policy batch"),
        ("the user's data", "USER data"),
    ],
)
def test_spellings_that_mean_the_same_meet(one: str, other: str) -> None:
    assert segment(one) == segment(other)


def test_long_chinese_words_also_give_their_parts() -> None:
    tokens = segment("中华人民共和国")
    assert {"中华人民共和国", "共和国", "人民"} <= set(tokens)


def test_stop_words_and_signs_are_left_out() -> None:
    assert segment("这个是我的，the and of 🙂 ！") == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("rules", "rule"),
        ("policies", "policy"),
        ("boxes", "box"),
        ("passes", "pass"),
        ("status", "status"),
        ("gas", "gas"),
        ("this", "this"),
        ("规则s", "规则s"),
    ],
)
def test_stemming_touches_plurals_only(word: str, expected: str) -> None:
    assert stem(word) == expected
