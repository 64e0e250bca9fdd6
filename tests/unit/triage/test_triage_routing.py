"""Routing is total and deterministic: the first rule that fits, else the default, else nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.domain.base import Lang
from service.domain.routing import (
    AuthorKind,
    Pressing,
    RoutingRules,
    Rule,
    Then,
    When,
)
from service.domain.taxonomy import Department
from service.domain.triage import Judgement, Sentiment
from service.triage.routing import DEFAULT, Router, Setting
from tests.plugins import _facts as facts

SETTING = Setting("qq", "main", AuthorKind.MEMBER, frozenset({"th_1"}))
THEN = Then(department=Department.LEGAL)
WORDS = st.sampled_from(["同步", "退款", "sync", "发票"])

whens = st.builds(
    When,
    categories=st.lists(st.sampled_from(["bug", "praise"]), max_size=2).map(tuple),
    min_severity=st.none() | st.integers(0, 4),
    sentiments=st.lists(st.sampled_from([one.value for one in Sentiment]), max_size=2).map(tuple),
    langs=st.lists(st.sampled_from(Lang), max_size=2).map(tuple),
    sources=st.lists(st.sampled_from(["qq", "mail"]), max_size=2).map(tuple),
    themes=st.lists(st.sampled_from(["th_1", "th_2"]), max_size=2).map(tuple),
    keywords=st.lists(WORDS, max_size=2).map(tuple),
    authors=st.lists(st.sampled_from(AuthorKind), max_size=2).map(tuple),
)
thens = st.builds(
    Then,
    department=st.sampled_from(Department),
    pressing=st.none() | st.sampled_from(Pressing),
    sla_hours=st.none() | st.floats(0.1, 100),
)


@st.composite
def rule_sets(draw: st.DrawFn) -> RoutingRules:
    pairs = draw(st.lists(st.tuples(whens, thens), max_size=6))
    rules = tuple(Rule(id=f"r{n}", when=w, then=t) for n, (w, t) in enumerate(pairs))
    return RoutingRules(rules=rules, default_queue=draw(st.none() | thens))


judgements = st.builds(
    lambda text, severity, mood: facts.judgement(text).model_copy(
        update={"severity": severity, "sentiment": mood}
    ),
    text=st.lists(WORDS, min_size=1, max_size=3).map("，".join),
    severity=st.integers(0, 4),
    mood=st.sampled_from(Sentiment),
)


def only(when: When, judgement: Judgement, setting: Setting = SETTING) -> bool:
    router = Router(RoutingRules(rules=(Rule(id="r", when=when, then=THEN),)))
    return router.decide(judgement, setting)[0] == "r"


@given(rule_sets(), judgements)
def test_the_first_rule_that_fits_alone_decides(rules: RoutingRules, judgement: Judgement) -> None:
    name, then = Router(rules).decide(judgement, SETTING)
    fitting = [rule for rule in rules.rules if only(rule.when, judgement)]
    if fitting:
        assert (name, then) == (fitting[0].id, fitting[0].then)
    elif rules.default_queue:
        assert (name, then) == (DEFAULT, rules.default_queue)
    else:
        assert (name, then) == (None, None)


@given(rule_sets(), judgements)
def test_routing_is_deterministic_and_keeps_what_it_does_not_set(
    rules: RoutingRules, judgement: Judgement
) -> None:
    router = Router(rules)
    route = router.route(judgement, SETTING, facts.NOW)
    assert route == Router(rules).route(judgement, SETTING, facts.NOW)
    name, then = router.decide(judgement, SETTING)
    assert route.rule == name
    assert route.reply_due == judgement.route.reply_due
    if then is None:
        assert route == judgement.route
    if judgement.severity >= 3:
        assert route.due_at <= judgement.route.due_at


@given(rule_sets(), judgements, st.data())
def test_rules_after_the_deciding_one_do_not_matter(
    rules: RoutingRules, judgement: Judgement, data: st.DataObject
) -> None:
    router = Router(rules)
    name, _ = router.decide(judgement, SETTING)
    ids = [rule.id for rule in rules.rules]
    if name not in ids:
        return
    at = ids.index(name)
    tail = data.draw(st.permutations(rules.rules[at + 1 :]))
    other = rules.model_copy(update={"rules": (*rules.rules[: at + 1], *tail)})
    assert Router(other).decide(judgement, SETTING) == router.decide(judgement, SETTING)


def test_each_condition_decides() -> None:
    judgement = facts.judgement("我要开發票，Ｉｎｖｏｉｃｅ please", category="bug")
    fits = (
        When(),
        When(categories=("bug", "x")),
        When(min_severity=2),
        When(sentiments=("negative",)),
        When(langs=(Lang.ZH,)),
        When(sources=("qq",)),
        When(channels=("main", "other")),
        When(themes=("th_1",)),
        When(authors=(AuthorKind.MEMBER,)),
        When(keywords=("没有", "发票")),
        When(keywords=("INVOICE",)),
    )
    misses = (
        When(categories=("x",)),
        When(min_severity=3),
        When(sentiments=("positive",)),
        When(langs=(Lang.EN,)),
        When(sources=("mail",)),
        When(channels=("other",)),
        When(themes=("th_2",)),
        When(authors=(AuthorKind.STAFF, AuthorKind.PARTNER)),
        When(keywords=("in.oice", "发.")),
        When(keywords=("\u200b",)),
        When(categories=("bug",), min_severity=3),
    )
    assert [when for when in fits if not only(when, judgement)] == []
    assert [when for when in misses if only(when, judgement)] == []


def test_a_rule_sets_owner_place_and_time() -> None:
    then = Then(department=Department.LEGAL, pressing=Pressing.URGENT, sla_hours=2)
    router = Router(RoutingRules(rules=(Rule(id="r", then=then),)))
    route = router.route(facts.judgement(), SETTING, facts.NOW)
    assert (route.department, route.pressing, route.rule) == (Department.LEGAL, 2, "r")
    assert route.due_at == facts.NOW + timedelta(hours=2)


def test_what_is_no_rule_is_refused() -> None:
    for bad in (
        {"rules": [{"id": "A b", "then": {"department": "legal"}}]},
        {"rules": [{"id": "a", "then": {}}]},
        {"rules": [{"id": "a", "then": {"department": "nobody"}}]},
        {"rules": [{"id": "a", "when": {"regex": ".*"}, "then": {"department": "legal"}}]},
        {"rules": [{"id": "a", "then": {"department": "legal"}}] * 2},
    ):
        with pytest.raises(ValidationError):
            RoutingRules.model_validate(bad)


def test_the_hash_names_content_and_order() -> None:
    one, two = (Rule(id=name, then=THEN) for name in ("a", "b"))
    assert (
        RoutingRules(rules=(one, two)).content_hash != RoutingRules(rules=(two, one)).content_hash
    )
