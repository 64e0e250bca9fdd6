"""An approved answer is made fit for who asks now, or is not used."""

from __future__ import annotations

import drafting_samples as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.draft import ApprovedAnswer, Citation, ContextPassage, DraftContext
from service.drafting.own import uncalled
from service.drafting.reuse import reused

RULE = "年卡购买后 7 天内可以申请全额退款。"
QUESTION = "年卡买了三天，还能退吗"
ANSWER = "你好，年卡购买后 7 天内可以申请全额退款，请在订单页提交。"


def context(text: str = QUESTION) -> DraftContext:
    given = make.context_input(make.judgement(text), make.retrieval(make.passage(text=RULE)))
    return make.engine().reply_context(given)


def passage() -> ContextPassage:
    return ContextPassage(
        clause_id="refunds#3.2", document_id="refunds", document_title="规则", version=4,
        number="3.2", headings=(), text=RULE, lang="zh", score=0.9,
    )  # fmt: skip


def answer(text: str = ANSWER, question: str = QUESTION, *, cited: bool = True) -> ApprovedAnswer:
    return ApprovedAnswer(
        task_id="t1", question=question, text=text, model=None,
        citations=(Citation(clause_id="refunds#3.2", version=4),) if cited else (),
        passages=(passage(),) if cited else (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("greeted", "expected"),
    [
        ("小林你好，可以退。", "你好，可以退。"),
        ("王芳女士，您好！可以退。", "您好！可以退。"),
        ("@小林 你好，可以退。", "你好，可以退。"),
        ("Hi Anna, you can.", "Hello, you can."),
        ("Dear Anna Smith,\nyou can.", "Hello,\nyou can."),
        ("大家你好，可以退。", "大家你好，可以退。"),
        ("Hello everyone, you can.", "Hello everyone, you can."),
        ("您好，可以退。", "您好，可以退。"),
    ],
)
def test_a_greeting_loses_the_name(greeted: str, expected: str) -> None:
    assert uncalled(greeted) == expected
    found = reused(context(), answer(greeted))
    assert found is not None
    assert found.text == expected


def test_a_name_that_comes_again_ends_it() -> None:
    assert reused(context(), answer("小林你好，可以退，小林的卡会停用。")) is None


@pytest.mark.parametrize(
    "asked",
    ["年卡买了十天，还能退吗", "年卡买了 3 周，还能退吗", "年卡 5 月 3 日买的，还能退吗",
     "年卡买了三天，花了 300 元，还能退吗", "年卡买了，还能退吗", "年卡上周买了三天，还能退吗"],
)  # fmt: skip
def test_what_differs_between_the_questions_ends_it(asked: str) -> None:
    assert reused(context(asked), answer()) is None
    assert reused(context(), answer(question=asked)) is None


@pytest.mark.parametrize(
    "asked", [QUESTION, "年卡买了 3 天，还能退吗", "订单 9041723，年卡买了三天，还能退吗"]
)
def test_the_same_given_in_other_words_does_not(asked: str) -> None:
    found = reused(context(asked), answer())
    assert found is not None
    assert found.text == ANSWER


@pytest.mark.parametrize(
    "text",
    ["你好，已为你登记。", "你好，我们周五前处理。", "你好，5 月 3 日到账。", "你好，明天就能退。",
     "你好，@小王 会处理。", "你好，[PHONE_1] 会收到短信。", "We have refunded you."],
)  # fmt: skip
def test_what_was_true_of_one_case_ends_it(text: str) -> None:
    assert reused(context(), answer(text)) is None


def test_an_answer_without_a_clause_ends_where_there_is_one_now() -> None:
    assert reused(context(), answer(cited=False)) is None


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from(["天", "元", "次", "个月"]))
def test_an_answer_is_used_exactly_where_the_given_numbers_agree(n: int, m: int, unit: str) -> None:
    asked = context(f"年卡买了 {n} {unit}，还能退吗")
    found = reused(asked, answer(question=f"年卡买了 {m} {unit}，还能退吗"))
    assert (found is not None) == (n == m)


@given(st.text(alphabet="林小王Anna,，你好您 Hi@。", max_size=24))
def test_taking_a_name_away_adds_nothing(text: str) -> None:
    left = uncalled(text)
    assert left is None or left.removeprefix("Hello") in text
