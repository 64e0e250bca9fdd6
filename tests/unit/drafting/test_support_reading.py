"""Which sentences claim something, which quote, which are courtesy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.splitting import sentence_spans
from service.drafting.support.ground import source
from service.drafting.support.marks import marks_of, negated_apart, opposed
from service.drafting.support.reading import claim_of, read, runs_of

RULE = source("refunds#3", "zh", "退款规则", "购买后 7 天内可以退款。超过 7 天的，不可以退款。")


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("核实后 3 个工作日内退回。", True),
        ("You must return it within a week.", True),
        ("谢谢你写得这么清楚。", False),
        ("方便说一下你的手机型号吗？", False),
        ("Could you tell us which version it is?", False),
        ("We are sorry for the trouble.", False),
        ("关于这一点，《会员与退款规则》3.2是这样写的：", False),
        ("按《退款规则》3.1，可以全额退款。", True),
        ("Thanks, your refund arrives tomorrow.", True),
        ("……", False),
        ("有问题随时说。", False),
        ("随时都行。", True),
    ],
)
def test_claims_and_courtesy(sentence: str, claims: bool) -> None:
    assert (claim_of(sentence) is not None) is claims


def test_the_number_of_a_clause_is_no_number_of_the_matter() -> None:
    claim = claim_of("按《会员与退款规则》3.2，核实后 3 个工作日内退回。")
    assert claim is not None
    assert [one.value for one in claim.counted] == [3 * 1440]
    assert claim.text == "核实后 3 个工作日内退回。"


def test_whole_sentences_of_a_source_are_quotations() -> None:
    text = "你好。\n“购买后 7 天内可以退款。超过 7 天的，不可以退款。”"
    quoted = [one.quoted for one in read(text, [RULE], frozenset())]
    assert quoted == [None, "refunds#3", "refunds#3"]


def test_half_a_sentence_is_no_quotation() -> None:
    (said,) = read("可以退款。", [RULE], frozenset())
    assert said.quoted is None
    assert said.claim is not None


def test_our_own_sentences_claim_nothing_whatever_clause_they_name() -> None:
    own = runs_of("请照《…》 1.1的规定，7 天内办理。")
    (said,) = read("请照《退款规则》3.2的规定，7 天内办理。", [], own)
    assert (said.claim, said.quoted) == (None, None)


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        ("可以带宠物", "请勿带宠物", True),
        ("You may post links.", "Links must not be posted.", True),
        ("不用写理由", "须写明理由", True),
        ("可以退款", "You can get a refund.", False),
        ("禁言三天", "will be muted", False),
    ],
)
def test_permission_against_prohibition(one: str, other: str, against: bool) -> None:
    assert opposed(marks_of(one), marks_of(other)) is against


def test_two_denials_undo_each_other() -> None:
    assert negated_apart(marks_of("不退"), marks_of("退"))
    assert not negated_apart(marks_of("没有人不来"), marks_of("都来"))
    assert not negated_apart(marks_of("不仅如此"), marks_of("如此"))


@given(st.text(max_size=300))
def test_sentences_keep_every_visible_character_in_order(text: str) -> None:
    spans = list(sentence_spans(text))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)


def test_a_label_and_what_stands_behind_it_are_the_sources_own() -> None:
    prize = source("brief", "zh", "奖品，怎么领", "奖品，怎么领: 满 10 次送一张券")
    for text in ("奖品，怎么领：", "奖品，怎么领：满 10 次送一张券", "满 10 次送一张券"):
        assert [one.quoted for one in read(text, [prize], frozenset())] == ["brief"], text
    (other,) = read("人人都有：满 10 次送一张券", [prize], frozenset())
    assert other.quoted is None
