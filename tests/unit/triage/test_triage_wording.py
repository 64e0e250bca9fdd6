"""What two texts say differently decides whether they are the same question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.triage.wording import facts, names, same_wording


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("导出的时候一直卡住", "导出的时候老是卡住了"),
        ("能再开一个群吗", "能不能再开一个群"),
        ("The export hangs", "the export just hangs again, please"),
        ("My favourite notebook vanished", "my favorite notebook vanished"),
    ],
)
def test_filler_and_typing_mistakes_change_nothing(one: str, other: str) -> None:
    assert same_wording(one, other)
    assert same_wording(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("自动续费在哪里取消", "自动续费在哪里开启"),
        ("二群有人发广告", "三群有人发广告"),
        ("粤语识别成普通话", "普通话识别成粤语"),
        ("Where do I install it", "Where do I uninstall it"),
        ("check-in opens on Saturday", "check-in opens on Sunday"),
        ("version 12 crashes", "version 13 crashes"),
    ],
)
def test_another_thing_is_another_question(one: str, other: str) -> None:
    assert not same_wording(one, other)


def test_numbers_and_denials_are_facts() -> None:
    assert facts("升级到 4.2 之后不能打开") == (("4.2",), 1)
    assert facts("能不能打开？不小心关了").negations == 0
    assert facts("it doesn't open, nothing helps").negations == 2
    assert facts("my number is [PHONE_1]").numbers == ()


def test_names_are_latin_words_among_chinese_and_capitals_inside_a_sentence() -> None:
    assert names("iPad 上导出 PDF") == {"ipad", "pdf"}
    assert names("Saturday is fine. The iPhone works and I like Android") == {"android"}


def test_a_flood_of_words_is_not_compared_one_by_one() -> None:
    assert not same_wording("word " * 2_000, "word " * 1_999)


@given(st.text(max_size=80))
def test_a_text_is_worded_like_itself(text: str) -> None:
    assert same_wording(text, text)
