"""A changed or invented number is found; what the facts, the brief or a clause give passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.base import Lang
from service.domain.draft import DraftContext, DraftKind, Fact, Finding, Severity
from service.domain.text import Redacted
from service.drafting.checks import Checked
from service.drafting.checks.numbers import check_numbers
from service.drafting.facts.prompt import fact_lines, plain_lines, without_marks
from service.drafting.facts.sheet import Counted, Sheet
from service.drafting.facts.words import load_words
from service.drafting.numbers.accounts import accounts
from service.drafting.numbers.links import number_links
from service.drafting.numbers.reading import read
from tests.unit.drafting import drafting_samples as make

WORDS = load_words()

PROSE = {
    Lang.ZH: "这一周一共{messages}，比上一期{change}。其中{authors}发过言，有效参与率为 {share}。",
    Lang.EN: "There were {messages} this week, {change} than before. {authors} wrote something,"
    " and the share of writers who took part was {share}.",
}


def facts_of(lang: Lang, now: int, before: int, authors: int, effective: int) -> tuple[Fact, ...]:
    sheet = Sheet("activity", WORDS, lang, source="test", floor=1)
    sheet.count("messages", Counted(now), "messages", before=Counted(before))
    sheet.count("authors", Counted(authors), "people")
    sheet.share("participation", effective, authors)
    return sheet.facts


def context(facts: tuple[Fact, ...], lang: Lang = Lang.ZH, points: str = "") -> DraftContext:
    base = make.context(lang=lang)
    given: dict[str, Any] = {
        "kind": DraftKind.POST,
        "case_id": None,
        "facts": facts,
        "passages": (),
        "member_text": Redacted(text=points),
        "parameters": {"title": "t", "audience": "", "channel": "", "max_chars": "2000"},
    }
    return base.model_copy(update=given)


def findings(text: str, given: DraftContext) -> list[Finding]:
    return list(check_numbers(Checked(given, make.written(text), ground="", system="")))


def prose(facts: tuple[Fact, ...], lang: Lang) -> str:
    by_id = {fact.id.removeprefix("activity."): fact for fact in facts}
    change = by_id["messages.change"]
    up = {Lang.ZH: ("减少", "增加"), Lang.EN: ("fewer", "more")}[lang]
    size = change.value.lstrip("+-")
    way = up[(change.number or 0) >= 0]
    return PROSE[lang].format(
        messages=by_id["messages"].value,
        change=f"{way} {size}" if lang is Lang.ZH else f"{size} {way}",
        authors=by_id["authors"].value,
        share=by_id["participation"].value,
    )


def table(facts: tuple[Fact, ...], lang: Lang) -> str:
    colon = "：" if lang is Lang.ZH else ": "
    return "\n".join(f"· {fact.label}{colon}{fact.value}" for fact in facts)


COUNTS = st.tuples(
    st.integers(2, 50_000), st.integers(1, 50_000), st.integers(2, 900), st.integers(1, 900)
)


def compact(facts: tuple[Fact, ...], lang: Lang) -> str:
    return "\n".join(plain_lines(facts, lang))


LAYOUTS = st.sampled_from([prose, table, compact])
LANGS = st.sampled_from(list(Lang))


@given(COUNTS, LANGS, LAYOUTS)
def test_a_correct_text_has_no_finding(
    counts: tuple[int, int, int, int],
    lang: Lang,
    layout: Callable[[tuple[Fact, ...], Lang], str],
) -> None:
    facts = facts_of(lang, counts[0], counts[1], counts[2], min(counts[2:]))
    text = layout(facts, lang)
    assert [one.wrong for one in accounts(text, facts, "")] == [None] * len(read(text))


@given(COUNTS, LANGS, LAYOUTS, st.data())
def test_any_changed_number_is_found(
    counts: tuple[int, int, int, int],
    lang: Lang,
    layout: Callable[[tuple[Fact, ...], Lang], str],
    data: st.DataObject,
) -> None:
    facts = facts_of(lang, counts[0], counts[1], counts[2], min(counts[2:]))
    text = layout(facts, lang)
    figure = data.draw(st.sampled_from(read(text)))
    other = str(data.draw(st.integers(0, 99_999)))
    known = {one.value for fact in facts for one in read(fact.value)}
    # In prose a number that is right for another fact of its unit cannot be told from that one.
    assume(other != figure.value and (layout is not prose or other not in known))
    changed = text[: figure.start] + other + text[figure.end :]
    wrong = [one for one in accounts(changed, facts, "") if one.wrong]
    assert [one.figure.start for one in wrong] == [figure.start]


ONE = facts_of(Lang.ZH, 320, 290, 45, 30)
EN = facts_of(Lang.EN, 320, 290, 45, 30)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("本周消息数为 330 条。", "changed_number"),
        ("本周消息数为三百三十条。", "changed_number"),
        ("发言人数：320 人", "changed_number"),
        ("共 45 条消息", "unsupported_number"),
        ("有效参与率达到 66%", "changed_number"),
        ("消息数下降 10.3%", "changed_direction"),
        ("消息数较上一期增减：-30 条", "changed_direction"),
        ("大约三成成员没有发言", "unsupported_number"),
        ("活动转化率高达 80%", "unsupported_number"),
    ],
)
def test_what_is_wrong_blocks_with_its_place(text: str, check: str) -> None:
    (found,) = findings(text + "，谢谢大家的参与。", context(ONE))
    assert (found.check, found.severity) == (check, Severity.BLOCKING)
    assert found.start is not None
    assert text[found.start : found.end] in found.detail


def test_a_changed_number_says_which_fact_it_is_of() -> None:
    (found,) = findings("本周消息数为 330 条，谢谢大家。", context(ONE))
    assert found.detail == "330 ≠ 消息数: 320 条"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("本周消息数 320 条，上一期消息数 290 条，上升 10.3%。", Lang.ZH),
        ("这一周有三百二十条消息、四十五人发言。", Lang.ZH),
        ("消息数：320 条（其中 45 人发言，上一期 290 条）。", Lang.ZH),
        ("周六十点开始，7 月 3 日截止，三个工作日内发奖。", Lang.ZH),
        ("1. 先报名\n2. 再签到\n这次一起来，十分欢迎。", Lang.ZH),
        ("We counted 320 messages by forty-five people, up 10.3%.", Lang.EN),
    ],
)
def test_what_facts_brief_and_clauses_give_passes(text: str, lang: Lang) -> None:
    points = "周六 10:00 开始，7 月 3 日截止\n3 个工作日内发奖"
    assert findings(text, context(ONE if lang is Lang.ZH else EN, lang, points)) == []


def test_a_lone_number_word_without_a_unit_only_warns() -> None:
    (found,) = findings("Here are three highlights of the week for everyone.", context(EN, Lang.EN))
    assert found.severity is Severity.WARNING


def test_a_bound_is_no_count() -> None:
    sheet = Sheet("feedback", WORDS, Lang.ZH, source="test", floor=3)
    sheet.count("category", Counted(7, 2), "cases", name="投诉")
    given = context(sheet.facts)
    assert findings("「投诉」类反馈来自少于 3 人，不单列。", given) == []
    assert [one.check for one in findings("有 3 人投诉了这件事，我们在看。", given)] == [
        "unsupported_number"
    ]


def test_numbers_are_linked_to_their_facts() -> None:
    text = "消息数 320 条，比上期多了 30 条；45 人发言。"
    links = number_links(text, ONE)
    assert [(text[one.start : one.end], one.fact) for one in links] == [
        ("320", "activity.messages"),
        ("30", "activity.messages.change"),
        ("45", "activity.authors"),
    ]


async def test_a_draft_carries_its_links() -> None:
    made = await make.engine().compose(context(ONE), None)
    assert made.numbers
    for one in made.numbers:
        fact = next(fact for fact in ONE if fact.id == one.fact)
        assert made.text[one.start : one.end] in fact.value


def test_ids_that_a_model_copies_are_taken_out() -> None:
    marked = "消息数 320 条 [activity.messages]，45 人发言（activity.authors），见 [附注]。"
    assert without_marks(marked, [one.id for one in ONE]) == "消息数 320 条，45 人发言，见 [附注]。"


def test_a_quote_is_shown_but_is_no_ground() -> None:
    fact = ONE[0].model_copy(update={"quote": "我等了 77 天"})
    assert fact_lines([fact], Lang.ZH) == "- [activity.messages] 消息数: 320 条\n  > 我等了 77 天"
    assert [one.detail for one in findings("有人说等了 77 天，我们在看。", context((fact,)))] == [
        "77"
    ]
