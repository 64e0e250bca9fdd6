"""What a sentence counts and allows, and what two of them differ in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.conflict import Difference
from service.drafting.support.clashes import apart, clash
from service.drafting.support.statements import statement


def differs(one: str, other: str, langs: tuple[str, str] = ("zh", "zh")) -> Difference | None:
    found = clash(statement(one, langs[0]), statement(other, langs[1]))
    return found and found.differs


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("有效期一年。", "有效期 12 个月。", True),
        ("保留 30 天。", "保留一个月。", True),
        ("保留两周。", "保留 14 天。", True),
        ("保留两周。", "保留 15 天。", False),
        ("保留 15 天。", "保留一个月。", False),
        ("收费 20 元。", "收费二十元。", True),
        ("收费 20 元。", "收费 5 欧元。", False),
        ("上传 50 MB。", "上传 9 张图片。", True),
        ("上传 50 MB。", "上传 100 MB。", False),
        ("使用 3 张券。", "消耗 300 积分。", True),
        ("绑定 2 个账号。", "绑定五个账号。", False),
        ("人数为 8 到 20 人。", "至少满 8 人。", True),
        ("人数为 8 到 20 人。", "每组 10 人。", True),
        ("人数为 8 到 20 人。", "每组 30 人。", False),
        ("至少 2 人。", "最多 5 人。", True),
        ("至少 6 人。", "最多 5 人。", False),
        ("9:00 开门，18:00 关门。", "10:00 开门，18:00 关门。", False),
        ("每天最多 3 次。", "每周最多 10 次。", True),
    ],
)
def test_numbers_are_held_against_those_of_the_same_thing(one: str, other: str, same: bool) -> None:
    assert differs(one, other) is (None if same else Difference.VALUE)


@pytest.mark.parametrize(
    ("one", "other", "langs"),
    [
        ("群里可以发红包。", "群里不得发红包。", ("zh", "zh")),
        ("必须附上源文件。", "不必附上源文件。", ("zh", "zh")),
        ("You must register.", "No registration is needed.", ("en", "en")),
        ("成员不得转让门票。", "Tickets may be given away.", ("zh", "en")),
    ],
)
def test_what_one_allows_the_other_forbids(one: str, other: str, langs: tuple[str, str]) -> None:
    assert differs(one, other, langs) is Difference.PERMISSION


def test_bare_numbers_of_two_languages_need_a_unit_both_know() -> None:
    assert differs("每组最多 12 名成员。", "A group has at most 20 members.", ("zh", "en"))
    assert not differs("每组最多 12 名成员。", "A group meets up to 4 times.", ("zh", "en"))
    assert not differs("最多 12 台。", "At most 20 shelves.", ("zh", "en"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("月卡 24 小时内可退。", "年卡 7 天内可退。"),
        ("2025 年会费 120 元。", "2026 年会费 150 元。"),
        ("工作日 9 点开门。", "周末 10 点开门。"),
        ("成员不得外借钥匙，值班长登记的除外。", "经值班长登记，钥匙可以外借。"),
        ("Members may invite two guests.", "Moderators may invite ten guests."),
        ("The spring workshop runs for 6 weeks.", "The autumn workshop runs for 8 weeks."),
    ],
)
def test_words_part_rules_for_different_cases(one: str, other: str) -> None:
    lang = "zh" if "\u4e00" <= one[0] <= "\u9fff" or one[0].isdigit() else "en"
    assert apart(statement(one, lang), statement(other, lang))


def test_who_says_that_no_exception_holds_is_not_parted_by_one() -> None:
    one = statement("未满 18 岁的，经监护人同意可以参加。", "zh")
    assert not apart(one, statement("不接受未成年人报名，监护人同意的也不例外。", "zh"))


texts = st.lists(
    st.sampled_from(
        ["7 天", "一个月", "可以", "不得", "必须", "30 元", "5 到 9 人", "每周三", "20:00", "会员",
         " within 3 days", " may", " must not", " at least 4 people", "，", "退款", " 2026 "]
    ),
    max_size=8,
).map("".join)  # fmt: skip


@given(texts, texts)
def test_a_clash_is_mutual_and_lies_in_the_sentences(one: str, other: str) -> None:
    left, right = statement(one, "zh"), statement(other, "zh")
    found, turned = clash(left, right), clash(right, left)
    assert clash(left, left) is None
    assert (found is None) == (turned is None)
    assert apart(left, right) == apart(right, left)
    if found is None or turned is None:
        return
    assert found.differs is turned.differs
    for side, places in ((left, found.own), (right, found.theirs)):
        assert places
        assert all(0 <= start < end <= len(side.text) for start, end in places)
