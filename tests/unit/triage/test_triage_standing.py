"""People outrank the engine, and severity only falls by their hand."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain.override import Change, Override
from service.domain.taxonomy import Department
from service.domain.triage import Judgement, Label, Sentiment, Signal, SignalKind, Triage
from service.triage.standing import carried, corrected, floors, said
from service.triage.taxonomy import load_taxonomy
from tests.plugins import _facts as facts

TAXONOMY = load_taxonomy()
IDS = [category.id for category in TAXONOMY.categories]
FLOORS = {"self_harm": 4, "fraud": 3, "press": 3}


def signals(codes: list[str]) -> tuple[Signal, ...]:
    return tuple(Signal(kind=SignalKind.SEVERITY, code=c, floor=FLOORS[c]) for c in codes)


@st.composite
def judgements(draw: st.DrawFn) -> Judgement:
    category = draw(st.sampled_from(IDS))
    found = draw(st.lists(st.sampled_from(list(FLOORS)), max_size=3))
    least = max((FLOORS[code] for code in found), default=0)
    severity = draw(st.integers(least, 4))
    made = facts.judgement(category=category, abstained=draw(st.booleans()))
    return made.model_copy(
        update={
            "severity": severity,
            "signals": signals(found),
            "sentiment": draw(st.sampled_from(Sentiment)),
        }
    )


changes = st.builds(
    Change,
    categories=st.none() | st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(tuple),
    severity=st.none() | st.integers(0, 4),
    sentiment=st.none() | st.sampled_from([one.value for one in Sentiment]),
    department=st.none() | st.sampled_from(Department),
).filter(lambda change: change.fields)


def triage(judgement: Judgement, size: int = 1) -> Triage:
    return facts.triage().model_copy(update={"judgement": judgement, "case_size": size})


def override(before: Triage, change: Change) -> Override:
    return Override(
        id="ovr_1",
        case_id=before.case_id,
        community=before.community,
        case_size=before.case_size,
        change=change,
        before=said(before.judgement),
        seen_floors=floors(before.judgement),
        by="ann",
        created_at=facts.NOW,
    )


def correct(before: Triage, change: Change) -> Triage:
    return corrected(before, override(before, change), TAXONOMY, facts.NOW)


def grown(former: Triage, judgement: Judgement) -> Triage:
    kept, standing = carried(judgement, former, TAXONOMY, facts.at(5))
    return former.model_copy(
        update={"judgement": kept, "standing": standing, "case_size": former.case_size + 1}
    )


def shows(judgement: Judgement, change: Change) -> None:
    now = said(judgement)
    for field in ("categories", "sentiment", "department"):
        if (wanted := getattr(change, field)) is not None:
            assert getattr(now, field) == wanted


@given(judgements(), changes, st.lists(judgements(), max_size=4))
def test_an_override_outranks_every_later_triage(
    first: Judgement, change: Change, later: list[Judgement]
) -> None:
    standing = correct(triage(first), change)
    shows(standing.judgement, change)
    if change.severity is not None:
        assert standing.judgement.severity == change.severity
    for judgement in later:
        standing = grown(standing, judgement)
        shows(standing.judgement, change)
        assert standing.by_person == change.fields


@given(judgements(), changes, changes)
def test_the_later_of_two_corrections_counts(first: Judgement, one: Change, other: Change) -> None:
    twice = correct(correct(triage(first), one), other)
    shows(twice.judgement, other.over(one))
    assert twice.standing is not None
    assert twice.standing.change == other.over(one)
    assert twice.standing.engine == said(first)


@given(st.lists(judgements(), min_size=2, max_size=6))
def test_without_people_severity_never_falls(texts: list[Judgement]) -> None:
    standing = triage(texts[0])
    for judgement in texts[1:]:
        before = standing.judgement.severity
        standing = grown(standing, judgement)
        assert standing.judgement.severity == max(before, judgement.severity)


@given(judgements(), st.integers(0, 4), st.lists(judgements(), max_size=4))
def test_after_a_person_lowered_it_only_new_danger_raises(
    first: Judgement, severity: int, later: list[Judgement]
) -> None:
    standing = correct(triage(first), Change(severity=severity))
    seen, expected = floors(first), severity
    for judgement in later:
        standing = grown(standing, judgement)
        new = [FLOORS[c] for c, n in floors(judgement).items() if n > seen.get(c, 0)]
        expected = max([expected, *new])
        assert standing.judgement.severity == expected


@given(judgements(), changes)
def test_a_correction_without_a_severity_lowers_none(first: Judgement, change: Change) -> None:
    free = change.model_copy(update={"severity": None})
    assert correct(triage(first), free).judgement.severity >= first.severity


def test_a_graver_category_brings_its_severity_and_owner() -> None:
    calm = facts.judgement(category="praise").model_copy(update={"severity": 0})
    graver = correct(triage(calm), Change(categories=("safety_crisis",)))
    wanted = TAXONOMY.get("safety_crisis")
    assert graver.judgement.severity == wanted.severity
    assert graver.judgement.route.department == wanted.owner
    assert graver.judgement.route.due_at <= facts.NOW + timedelta(minutes=wanted.sla_minutes)
    assert graver.judgement.route.reply_due


def test_a_case_that_moved_on_says_so() -> None:
    first = facts.judgement(category="bug_report")
    standing = correct(triage(first), Change(categories=("usage_question",)))
    same = grown(standing, facts.judgement(category="bug_report"))
    assert same.standing is not None
    assert not same.standing.moved_on
    other = grown(standing, facts.judgement(category="billing_refund"))
    assert other.standing is not None
    assert other.standing.moved_on
    assert other.standing.engine.categories == ("billing_refund",)
    assert grown(other, first).standing.moved_on  # type: ignore[union-attr]
    seen_again = correct(other, Change(categories=("usage_question",)))
    assert seen_again.standing is not None
    assert not seen_again.standing.moved_on


def test_none_of_these_is_a_decision_and_no_abstention() -> None:
    none = correct(triage(facts.judgement()), Change(categories=()))
    assert (none.judgement.labels, none.judgement.abstained) == ((), False)
    assert none.judgement.candidates == (Label(category="bug", confidence=0.9),)
