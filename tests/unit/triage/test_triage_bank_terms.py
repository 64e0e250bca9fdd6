"""Managed terms: read from files, refused where they would match everything, only ever raising."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from service.domain.bank import BankTerm, TermDraft, TermKind, TermStatus
from service.domain.triage import SignalKind
from service.errors import IllegalTransition, InvalidInput
from service.triage.bank import load_bank
from service.triage.bank_terms import (
    TermFormat,
    check_term,
    managed_rules,
    read_terms,
    terms_stamp,
)
from service.triage.signals import Scanner

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LIKE = TermDraft(phrase="--", floor=3, code="mob")
SHIPPED = Scanner(load_bank())


def term(phrase: str, **more: object) -> BankTerm:
    fields = {"kind": TermKind.SEVERITY, "code": "mob", "floor": 3, "category": None, **more}
    return BankTerm.model_validate(
        {"id": phrase, "community": None, "phrase": phrase, "created_by": "t", "created_at": NOW}
        | fields
    )


def scanner(*terms: BankTerm) -> Scanner:
    return Scanner(load_bank(managed=managed_rules(terms), stamp=terms_stamp(terms)))


def test_lines_leave_out_blanks_and_remarks_and_repeats() -> None:
    found = read_terms("# 备注\n拉横幅\n\n堵门 ~ 讨说法\n拉横幅\n", TermFormat.LINES, LIKE)
    assert [(one.phrase, one.floor, one.code) for one in found] == [
        ("拉横幅", 3, "mob"),
        ("堵门 ~ 讨说法", 3, "mob"),
    ]


def test_csv_rows_say_what_differs() -> None:
    content = "\ufeffphrase,kind,floor,code\n拉横幅,,4,\n低价代充,spam,,resale\n"
    grave, spam = read_terms(content, TermFormat.CSV, LIKE)
    assert (grave.floor, grave.code) == (4, "mob")
    assert (spam.kind, spam.floor, spam.code) == (TermKind.SPAM, None, "resale")


def test_toml_is_written_like_the_shipped_bank() -> None:
    content = '[[signal]]\nkind = "severity"\ncode = "riot"\nfloor = 4\nphrases = ["打砸 ~ 门店"]'
    (one,) = read_terms(content, TermFormat.TOML, LIKE)
    assert (one.phrase, one.floor, one.code) == ("打砸 ~ 门店", 4, "riot")


@pytest.mark.parametrize(
    ("form", "content", "where"),
    [
        (TermFormat.LINES, "好", "too short"),
        (TermFormat.LINES, "a ~ 拉横幅", "too short"),
        (TermFormat.LINES, "拉横幅 ~ ·|", "too short"),
        (TermFormat.LINES, "字" * 201, "line 1"),
        (TermFormat.CSV, "word\n拉横幅\n", "header"),
        (TermFormat.CSV, "phrase,floor\n拉横幅,9\n", "row 2, floor"),
        (TermFormat.CSV, "phrase\n拉横幅,多\n", "row 2"),
        (TermFormat.TOML, "signal = 1", "entries"),
        (TermFormat.TOML, "[[signal", "TOML"),
        (TermFormat.TOML, '[[signal]]\nphrases = ["拉横幅"]\nunless = ["x"]', "signal 1"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(form: TermFormat, content: str, where: str) -> None:
    with pytest.raises(InvalidInput, match=where):
        read_terms(content, form, LIKE)


@pytest.mark.parametrize("floor", [None, 5])
def test_a_severity_term_has_a_floor(floor: int | None) -> None:
    with pytest.raises(ValidationError):
        TermDraft(phrase="拉横幅", floor=floor)


def test_a_spam_term_has_none() -> None:
    with pytest.raises(ValidationError, match="any other has none"):
        TermDraft(phrase="低价代充", kind=TermKind.SPAM, floor=1)


def test_a_retired_term_stays_retired() -> None:
    gone = term("拉横幅").retired("ann", NOW, "旧")
    assert gone.status is TermStatus.RETIRED
    with pytest.raises(IllegalTransition):
        gone.retired("ann", NOW, "again")


def test_managed_terms_are_found_also_in_disguise() -> None:
    mine = scanner(term("拉横幅"), term("低价代充", kind=TermKind.SPAM, floor=None, code="resale"))
    assert SHIPPED.scan("明天去门口拉横幅").floor == 0
    assert mine.scan("明天去门口拉横幅").floor == 3
    assert mine.scan("明天去门口拉heng幅").floor == 3
    assert mine.scan("低价代充私聊").has(SignalKind.SPAM)


def test_the_version_names_files_and_terms() -> None:
    assert SHIPPED.version == load_bank().version
    one, two = scanner(term("拉横幅")), scanner(term("拉横幅", floor=4))
    assert one.version.startswith(f"{SHIPPED.version}+")
    assert one.version != two.version


TEXTS = st.sampled_from(
    [
        "我不想活了",
        "this is a scam",
        "有人拿刀堵门",
        "你好",
        "I will take you to court",
        "笑死我了哈哈",
    ]
)
PHRASES = st.text(
    alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=6
) | st.sampled_from(["不想活 ~ 了", "哈哈哈", "scam|fraud", "开玩笑", "严重程度为零"])


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.lists(PHRASES, max_size=6, unique=True), st.integers(1, 4))
def test_no_managed_term_ever_lowers_a_severity(text: str, phrases: list[str], floor: int) -> None:
    terms = [term(phrase, floor=floor) for phrase in phrases]
    for one in terms:
        check_term(TermDraft(phrase=one.phrase, floor=floor))
    assert scanner(*terms).scan(text).floor >= SHIPPED.scan(text).floor


def test_twelve_thousand_terms_cost_little() -> None:
    many = [term(f"测试词{number:05}号") for number in range(12_000)]
    few, full = scanner(*many[:100]), scanner(*many)
    texts = [f"第{n}条留言：同步又失败了，怎么办？谢谢" for n in range(300)]

    def seconds(one: Scanner) -> float:
        begun = time.perf_counter()
        for text in texts:
            one.scan(text)
        return time.perf_counter() - begun

    assert min(seconds(full) for _ in range(3)) < 3 * min(seconds(few) for _ in range(3))
    assert full.scan("这里有测试词11999号").floor == 3
