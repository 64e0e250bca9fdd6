"""Which beginnings are clause numbers, and which are not."""

from __future__ import annotations

import pytest

from retrieval.numbering import join_labels, leading_number


@pytest.mark.parametrize(
    ("text", "label", "rest"),
    [
        ("1.2 成员应当", "1.2", "成员应当"),
        ("3.2.1 No spam", "3.2.1", "No spam"),
        ("3.2. No spam", "3.2", "No spam"),
        ("1.2用户应自行核验", "1.2", "用户应自行核验"),
        ("第三条 禁止广告", "第三条", "禁止广告"),
        ("第 12 條：禁止廣告", "第12條", "禁止廣告"),
        ("第十二条之一　不得转让", "第十二条之一", "不得转让"),
        ("Article 5 Members must", "Article 5", "Members must"),
        ("Section 2: refunds", "Section 2", "refunds"),
        ("3.1 年卡用户可以退款", "3.1", "年卡用户可以退款"),
        ("§ 4 Refunds", "§ 4", "Refunds"),
        ("Q12 How do I leave?", "Q12", "How do I leave?"),
        ("Q1. 怎么退款？", "Q1", "怎么退款？"),
    ],
)
def test_strong_numbers(text: str, label: str, rest: str) -> None:
    number = leading_number(text)
    assert number is not None
    assert (number.label, number.rest, number.is_strong) == (label, rest, True)


@pytest.mark.parametrize(
    ("text", "label", "style"),
    [
        ("(一) 不得", "(一)", "han_paren"),
        ("（二）不得", "(二)", "han_paren"),
        ("(3) do not", "(3)", "digit_paren"),
        ("4) do not", "(4)", "digit_paren"),
        ("五、附则", "五", "han"),
        ("6. Do not", "6", "digit"),
    ],
)
def test_weak_numbers(text: str, label: str, style: str) -> None:
    number = leading_number(text)
    assert number is not None
    assert (number.label, number.style) == (label, style)


@pytest.mark.parametrize(
    "text",
    [
        "2026.05.11 发布",
        "1.5 倍。",
        "3.5元",
        "1.5 million members",
        "2.5% of",
        "30 days after",
        "Section 2 of this document says",
        "第三条规定的情形",
        "第一次违规",
        "Questions go here",
        "",
    ],
)
def test_what_only_looks_like_a_number(text: str) -> None:
    assert leading_number(text) is None


def test_a_bare_number_counts_in_headings_only() -> None:
    assert leading_number("1 总则") is None
    number = leading_number("1 总则", heading=True)
    assert number is not None
    assert number.label == "1"


@pytest.mark.parametrize(
    ("parent", "label", "joined"),
    [
        ("", "1", "1"),
        ("4", "2", "4.2"),
        ("第三条", "2", "第三条(2)"),
        ("第三条", "(一)", "第三条(一)"),
    ],
)
def test_labels_are_joined_readably(parent: str, label: str, joined: str) -> None:
    assert join_labels(parent, label) == joined
