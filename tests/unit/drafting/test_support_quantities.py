"""Numbers meet where they count the same, and only there."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.drafting.support.quantities import quantities, unmatched


def agree(claim: str, ground: str) -> bool:
    found = quantities(claim)
    assert found, f"no number seen in {claim!r}"
    return not unmatched(found, quantities(ground))


@pytest.mark.parametrize(
    ("claim", "ground"),
    [
        ("For two weeks it is yours.", "可以用 14 天。"),
        ("核实后三个工作日内到账。", "It arrives within 3 working days."),
        ("You have a year.", "保留 12 个月。"),
        ("每周日早上七点集合。", "We meet on Sundays at 7 in the morning."),
        ("Rehearsals begin at half past seven.", "每周四 19:30 排练。"),
        ("下午三点公布。", "15 点公布。"),
        ("截止到 12 月 31 日。", "It ends on 31 December."),
        ("Leave by 8 in the evening.", "开放到 20 点。"),
        ("押金是三百元。", "A deposit of 300 yuan."),
        ("最多六个人。", "Up to six people."),
        ("每人每周一个链接。", "One link per person a week."),
        ("It costs 1,000 yuan.", "保证金 1000 元。"),
        ("有效期半年。", "It is valid for six months."),
    ],
)
def test_the_same_amount_in_other_words(claim: str, ground: str) -> None:
    assert agree(claim, ground)


@pytest.mark.parametrize(
    ("claim", "ground"),
    [
        ("For three weeks it is yours.", "可以用 14 天。"),
        ("It is muted for a month.", "The author is muted for a week."),
        ("周六集合。", "周日集合。"),
        ("You may take up to five games.", "The room opens on Fridays."),
        ("保留一年。", "It can be extended once."),
        ("注册满 7 天就可以。", "One link each week."),
        ("退还 80%。", "退还 80 元。"),
        ("早上八点开门。", "早上 7 点开门。"),
    ],
)
def test_another_amount(claim: str, ground: str) -> None:
    assert not agree(claim, ground)


@pytest.mark.parametrize(
    "text",
    [
        "第二天再说一声。",
        "上一周的结果在这里。",
        "我们一起看一下。",
        "The moderator decides in separate steps.",
        "You may ask at once.",
        "这一点我们理解。",
        "一个一个来。",
    ],
)
def test_words_that_only_look_like_numbers(text: str) -> None:
    assert quantities(text) == ()


@given(st.text(max_size=200))
def test_every_number_has_a_place_of_its_own(text: str) -> None:
    found = quantities(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
