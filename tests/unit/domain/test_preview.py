"""What counts as a flip, and which is the worst."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.preview import ANSWERED, NOT_DUE, FlipKind, Replayed, Reply, flip_of

AT = datetime(2026, 4, 1, tzinfo=UTC)
OPPOSITE = {
    FlipKind.DANGER_DOWN: FlipKind.SEVERITY_UP,
    FlipKind.SEVERITY_DOWN: FlipKind.SEVERITY_UP,
    FlipKind.SEVERITY_UP: FlipKind.SEVERITY_DOWN,
    FlipKind.REPLY_REFUSED: FlipKind.REPLY_ANSWERED,
    FlipKind.REPLY_ANSWERED: FlipKind.REPLY_REFUSED,
    FlipKind.REPLY_DUE: FlipKind.REPLY_DROPPED,
    FlipKind.REPLY_DROPPED: FlipKind.REPLY_DUE,
    FlipKind.RULE_LOST: FlipKind.RULE_FOUND,
    FlipKind.RULE_FOUND: FlipKind.RULE_LOST,
    FlipKind.DEADLINE_LATER: FlipKind.DEADLINE_SOONER,
    FlipKind.DEADLINE_SOONER: FlipKind.DEADLINE_LATER,
    FlipKind.CATEGORY_LOST: FlipKind.CATEGORY_FOUND,
    FlipKind.CATEGORY_FOUND: FlipKind.CATEGORY_LOST,
    FlipKind.HIT_LOST: FlipKind.HIT_ADDED,
    FlipKind.HIT_ADDED: FlipKind.HIT_LOST,
    FlipKind.CHECK_FAILED: FlipKind.CHECK_MENDED,
    FlipKind.CHECK_MENDED: FlipKind.CHECK_FAILED,
}

replies = st.builds(
    Reply,
    outcome=st.sampled_from([ANSWERED, NOT_DUE, "no_rule", "needs_human"]),
    rule_found=st.booleans(),
    clause=st.sampled_from([None, "a#1", "a#2"]),
    checks=st.lists(st.sampled_from(["length", "promise"]), max_size=2).map(tuple),
)
outcomes = st.builds(
    Replayed,
    categories=st.lists(st.sampled_from("ab"), max_size=2, unique=True).map(tuple),
    severity=st.integers(0, 4),
    department=st.sampled_from(["support", "legal"]),
    due_at=st.integers(0, 3).map(lambda hours: AT + timedelta(hours=hours)),
    rule=st.sampled_from([None, "night"]),
    hits=st.lists(st.sampled_from(["spam:offer", "severity:mob"]), max_size=3).map(tuple),
    reply=st.none() | replies,
)

CALM = Replayed(categories=("a",), severity=1, department="support", due_at=AT)


@given(outcomes)
def test_the_same_flips_nothing(one: Replayed) -> None:
    assert flip_of("c", one, one) is None


@given(outcomes, outcomes)
def test_the_way_back_flips_the_other_way(before: Replayed, after: Replayed) -> None:
    there, back = flip_of("c", before, after), flip_of("c", after, before)
    assert (there is None) == (back is None)
    if there is None or back is None:
        return
    assert len(there.kinds) == len(set(there.kinds))
    turned = {OPPOSITE.get(kind, kind) for kind in back.kinds}
    danger = {FlipKind.DANGER_DOWN: FlipKind.SEVERITY_DOWN}
    assert {danger.get(kind, kind) for kind in there.kinds} == turned


@given(outcomes, outcomes)
def test_a_fall_of_danger_outweighs_everything_else(before: Replayed, after: Replayed) -> None:
    fall = flip_of("c", CALM.model_copy(update={"severity": 3}), CALM)
    other = flip_of("d", before, after)
    assert fall is not None
    if other is not None and FlipKind.DANGER_DOWN not in other.kinds:
        assert fall.weight > other.weight


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"severity": 4}, FlipKind.SEVERITY_UP),
        ({"severity": 0}, FlipKind.SEVERITY_DOWN),
        ({"categories": ()}, FlipKind.CATEGORY_LOST),
        ({"categories": ("a", "b")}, FlipKind.CATEGORY_OTHER),
        ({"department": "legal"}, FlipKind.OWNER),
        ({"rule": "night"}, FlipKind.OWNER),
        ({"due_at": AT + timedelta(hours=1)}, FlipKind.DEADLINE_LATER),
        ({"hits": ("spam:offer",)}, FlipKind.HIT_ADDED),
    ],
)
def test_each_difference_has_its_kind(change: dict[str, object], kind: FlipKind) -> None:
    flip = flip_of("c", CALM, CALM.model_copy(update=change))
    assert flip is not None
    assert flip.kinds == (kind,)
