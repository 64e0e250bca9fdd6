"""Numbers, lengths and dates in words, and what a sheet makes of counts."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.base import Lang
from service.domain.draft import Fact
from service.drafting.facts import shown
from service.drafting.facts.prompt import plain_lines
from service.drafting.facts.sheet import Counted, Sheet
from service.drafting.facts.words import load_words

WORDS = load_words()


def sheet(lang: Lang = Lang.ZH) -> Sheet:
    return Sheet("activity", WORDS, lang, source="test", floor=3)


def by_id(made: Sheet) -> dict[str, Fact]:
    return {fact.id: fact for fact in made.facts}


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(1, 3), "33.3%"),
        (Fraction(1, 8), "12.5%"),
        (Fraction(0), "0%"),
        (Fraction(1), "100%"),
        (Fraction(1, 2000), "0.1%"),
        (Fraction(123), "12,300%"),
    ],
)
def test_percents_are_rounded_half_up_to_one_place(share: Fraction, text: str) -> None:
    assert shown.percent(share) == text


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_percent_never_depends_on_how_the_share_is_written(part: int, whole: int) -> None:
    reduced = Fraction(part, whole)
    assert shown.percent(reduced) == shown.percent(Fraction(part) / whole)
    assert abs(float(shown.percent(reduced).replace(",", "")[:-1]) - 100 * part / whole) <= 0.0501


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (5, "5 秒", "5 seconds"),
        (60, "1 分钟", "1 minute"),
        (5400, "1.5 小时", "1.5 hours"),
        (172_800, "2 天", "2 days"),
    ],
)
def test_lengths_take_their_largest_unit(seconds: float, zh: str, en: str) -> None:
    assert (shown.length(seconds, Lang.ZH), shown.length(seconds, Lang.EN)) == (zh, en)


def test_days_and_moments_in_both_languages() -> None:
    at = datetime(2026, 4, 1, 9, 5)
    assert shown.day(date(2026, 4, 1), Lang.ZH) == "2026年4月1日"
    assert shown.moment(at, Lang.ZH) == "2026年4月1日 09:05"
    assert shown.moment(at, Lang.EN) == "April 1, 2026, 09:05"


def test_a_count_stands_beside_the_period_before() -> None:
    made = sheet(Lang.EN)
    made.count("messages", Counted(1204), "messages", before=Counted(1000), link="/x")
    found = by_id(made)
    assert found["activity.messages"].value == "1,204 messages"
    assert found["activity.messages"].link == "/x"
    assert found["activity.messages.before"].value == "1,000 messages"
    assert found["activity.messages.change"].value == "+204 messages"
    assert found["activity.messages.percent"].value == "+20.4%"
    assert found["activity.messages.percent"].number == pytest.approx(0.204)


def test_nothing_is_relative_to_nothing() -> None:
    made = sheet()
    made.count("messages", Counted(5), "messages", before=Counted(0))
    made.share("participation", 0, 0)
    assert set(by_id(made)) == {
        "activity.messages",
        "activity.messages.before",
        "activity.messages.change",
    }


@pytest.mark.parametrize(
    ("people", "before", "ids"),
    [
        (2, 5, {"activity.messages"}),
        (5, 2, {"activity.messages"}),
        (0, 0, {"", ".before", ".change"}),
        (3, 3, {"", ".before", ".change", ".percent"}),
    ],
)
def test_what_few_people_said_is_not_counted_out(people: int, before: int, ids: set[str]) -> None:
    made = sheet()
    made.count("messages", Counted(9 * people, people), "messages", before=Counted(before, before))
    found = by_id(made)
    assert set(found) == {one if "." in one[1:] else f"activity.messages{one}" for one in ids}
    if people == 2:  # told as a bound
        assert found["activity.messages"].number is None
        assert "18" not in found["activity.messages"].value


def test_a_name_with_braces_is_only_put_in() -> None:
    made = Sheet("beside", WORDS, Lang.ZH, source="test", floor=3)
    made.say("before", "x", label="{amount} {")
    assert made.facts[0].label == "上一期{amount} {"


def test_one_of_few_people_among_many_is_only_counted() -> None:
    made = Sheet("feedback", WORDS, Lang.EN, source="test", floor=3)
    made.count("category", Counted(9, 2), "cases", item="spam_ad", name="Ads")
    made.count("category", Counted(9, 9), "cases", item="praise", name="Praise")
    assert {fact.id: fact.value for fact in made.facts} == {
        "feedback.praise.category": "9 cases",
        "feedback.withheld": "1",
    }


def test_what_stands_beside_a_count_shares_its_line() -> None:
    made = sheet()
    made.count("messages", Counted(6), "messages", before=Counted(4))
    line = "消息数：6 条（上一期 4 条，增减 +2 条，幅度 +50%）"
    assert plain_lines(made.facts, Lang.ZH) == [line]
