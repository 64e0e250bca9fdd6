"""The strictest matching rule decides; bulk needs every rule's leave; nothing loosens by text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.domain.approval import (
    ApprovalPolicy,
    ApprovalRule,
    ApprovalWhen,
    Proposal,
    requirement,
)
from service.domain.base import Bilingual
from service.domain.draft import DraftKind
from service.drafting.approval import default_policy

TITLE = Bilingual(zh="某类", en="Some class")

words = st.sampled_from(["praise", "appeal", "billing_refund"])
whens = st.builds(
    ApprovalWhen,
    kinds=st.lists(st.sampled_from(list(DraftKind)), max_size=2).map(tuple),
    categories=st.lists(words, min_size=1, max_size=2).map(tuple),
    min_severity=st.none() | st.integers(0, 4),
    says=st.lists(st.sampled_from(["refund", "退款"]), max_size=1).map(tuple),
)
rules = st.builds(
    lambda when, approvals, bulk, number: ApprovalRule(
        id=f"r{number}", title=TITLE, when=when, approvals=approvals, bulk=bulk and approvals == 1
    ),
    whens,
    st.sampled_from([1, 2]),
    st.booleans(),
    st.integers(0, 10**9),
)
policies = st.lists(rules, max_size=5, unique_by=lambda rule: rule.id).map(
    lambda found: ApprovalPolicy(rules=tuple(found))
)
proposals = st.builds(
    Proposal,
    kind=st.sampled_from(list(DraftKind)),
    labels=st.frozensets(words, max_size=2),
    guess=st.none() | words,
    severity=st.integers(0, 4),
    text=st.sampled_from(["", "We will REFUND you", "已为你退款"]),
    doubtful=st.booleans(),
)


@given(policies, rules, proposals)
def test_a_further_rule_never_asks_for_fewer_people(
    policy: ApprovalPolicy, more: ApprovalRule, asked: Proposal
) -> None:
    renamed = more.model_copy(update={"id": "further"})
    wider = ApprovalPolicy(rules=(*policy.rules, renamed))
    assert requirement(wider, asked).approvals >= requirement(policy, asked).approvals


@given(policies, proposals)
def test_bulk_is_for_one_person_replies_without_a_doubt(
    policy: ApprovalPolicy, asked: Proposal
) -> None:
    needed = requirement(policy, asked)
    if needed.bulk:
        assert needed.approvals == 1
        assert asked.kind is DraftKind.REPLY
        assert not asked.doubtful
        assert all(rule.bulk for rule in needed.rules)


def reply(text: str = "好的", **more: object) -> Proposal:
    return Proposal(kind=DraftKind.REPLY, text=text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "approvals"),
    [
        (reply(severity=4), 2),
        (reply(severity=3), 1),
        (reply(labels=frozenset({"privacy_legal"})), 2),
        (reply(guess="privacy_legal"), 2),
        (reply("会员买后七天内可以申请退款。", labels=frozenset({"billing_refund"})), 1),
        (reply("已为你退款 30 元。", labels=frozenset({"billing_refund"})), 2),
        (reply("We will refund you today."), 2),
        (reply("已为你解除禁言。", labels=frozenset({"appeal"})), 2),
        (reply("谢谢你的申诉。", labels=frozenset({"appeal"})), 1),
        (Proposal(kind=DraftKind.POST, post_kind="holding"), 2),
        (Proposal(kind=DraftKind.POST, post_kind="announcement"), 1),
    ],
)
def test_the_shipped_policy(asked: Proposal, approvals: int) -> None:
    assert requirement(default_policy(), asked).approvals == approvals


def test_a_guess_allows_no_bulk() -> None:
    sure, guessed = reply(labels=frozenset({"praise"})), reply(guess="praise")
    assert requirement(default_policy(), sure).bulk
    assert not requirement(default_policy(), guessed).bulk
    assert not requirement(default_policy(), sure.model_copy(update={"severity": 2})).bulk


def test_a_contradictory_rule_is_refused() -> None:
    praise = ApprovalWhen(categories=("praise",))
    with pytest.raises(ValidationError, match="second approver"):
        ApprovalRule(id="a", title=TITLE, when=praise, approvals=2, bulk=True)
    with pytest.raises(ValidationError, match="name the categories"):
        ApprovalRule(id="a", title=TITLE, bulk=True)
    rule = ApprovalRule(id="a", title=TITLE)
    with pytest.raises(ValidationError, match="same id"):
        ApprovalPolicy(rules=(rule, rule))
