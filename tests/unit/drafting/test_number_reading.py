"""Numbers are read in digits and in words of both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.drafting.numbers import chinese, english
from service.drafting.numbers.figure import Figure, Unit
from service.drafting.numbers.reading import read


def values(text: str) -> list[tuple[str, str]]:
    return [(one.value, one.unit.value) for one in read(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共 1,204 条消息", [("1204", "things")]),
        ("上升１２．５％", [("12.5", "percent")]),
        ("约 1.2万 人", [("12000", "people")]),
        ("about 12k messages and 3 million members", [("12000", "things"), ("3000000", "people")]),
        ("2026年4月", [("2026", "year"), ("4", "month_name")]),
        ("1日 09:05", [("1", "day"), ("9:05", "clock")]),
        ("2026-04-01", [("2026", ""), ("4", ""), ("1", "")]),
        ("2026.4.1 开始", [("2026", ""), ("4", ""), ("1", "")]),
        ("晚上七点到9点", [("7", "clock"), ("9", "clock")]),
        ("from 7 pm to 9:30 p.m.", [("7", "clock"), ("9:30", "clock")]),
        ("退款 12.50 元", [("12.5", "money")]),
        ("$3 off", [("3", "money")]),
        ("版本 3.0", [("3.0", "")]),
        ("v2 和 P0 以及 iOS17", []),
        ("二十三位成员，三十五条反馈", [("23", "people"), ("35", "things")]),
        ("百分之十二点五，三成成员", [("12.5", "percent"), ("30", "percent")]),
        ("二〇二六年", [("2026", "year")]),
        ("一千二百零三条，三万五", [("1203", "things"), ("35000", "")]),
        ("三天，两个工作日", [("3", "day"), ("2", "day")]),
        ("forty-two members, two thousand three hundred and twelve messages",
         [("42", "people"), ("2312", "things")]),
        ("up three percentage points", [("3", "points")]),
        ("three highlights", [("3", "")]),
        ("提高 2 倍", [("2", "fold")]),
    ],
)  # fmt: skip
def test_what_is_read(text: str, found: list[tuple[str, str]]) -> None:
    assert values(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "1. 第一件事\n2）第二件事\n三、其他",
        "十分感谢，千万不要忘了，万一出错，一起来",
        "几十条、数百人、上千次",
        "周三见，星期五见，双十一",
        "三五天就好，有一天",
        "one of you, on the one hand",
        "七上八下，四面八方",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Figure(0, 1, "12", Unit.PERCENT), Figure(0, 1, "12"), False),
        (Figure(0, 1, "12", Unit.PEOPLE), Figure(0, 1, "12"), True),
        (Figure(0, 1, "12", Unit.PEOPLE), Figure(0, 1, "12", Unit.THINGS), False),
        (Figure(0, 1, "7", Unit.CLOCK), Figure(0, 1, "19:00", Unit.CLOCK), True),
        (Figure(0, 1, "7", Unit.CLOCK), Figure(0, 1, "19:30", Unit.CLOCK), False),
        (Figure(0, 1, "7"), Figure(0, 1, "7", spelled=True), True),
    ],
)
def test_when_two_are_the_same(one: Figure, other: Figure, same: bool) -> None:
    assert one.same(other) is same
    assert other.same(one) is same


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_of_any_number(value: int) -> None:
    assert chinese.value_of(in_chinese(value)) == value


@given(st.integers(1, 999_999_999))
def test_english_words_of_any_number(value: int) -> None:
    assert english.value_of(in_english(value)) == value


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for one in read(text):
        assert 0 <= one.start < one.end <= len(text)


def in_chinese(value: int) -> str:
    """As one writes it by hand, 一十 for 十 in the middle."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        joint = "零" if 0 < low < 1000 else ""
        return in_chinese(high) + "万" + (joint + in_chinese(low) if low else "")
    text, zero = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += ("零" if zero and text else "") + "一二三四五六七八九"[digit - 1] + name
        zero = not digit
    return text


_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_english(value: int) -> str:
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            high, low = divmod(value, size)
            joint = " and " if low and size == 100 else " "
            return f"{in_english(high)} {name}" + (joint + in_english(low) if low else "")
    if value < 20:
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")
