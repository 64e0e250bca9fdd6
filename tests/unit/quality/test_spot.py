"""What is drawn depends on names alone; figures say how little is known."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.base import Lang
from service.domain.draft import Origin
from service.domain.labelling import About, Judged, Rater, wanted_for
from service.domain.quality import Agreement, Estimate, Sides
from service.domain.spot import SpotFigures, SpotSplit, Spotted
from service.quality.rubrics import load_rubrics
from service.quality.spot import RUBRICS, draw, spot_figures

NOW = datetime(2026, 4, 1, tzinfo=UTC)
Names = st.lists(st.text("abc0123", max_size=6), max_size=60)


@given(Names, st.floats(0, 1), st.integers(0, 20), st.randoms())
def test_the_same_names_give_the_same_sample_and_never_more_than_asked(
    names: list[str], share: float, most: int, chance: random.Random
) -> None:
    drawn = draw(names, share, most)
    shuffled = [*names, *names]
    chance.shuffle(shuffled)
    assert draw(shuffled, share, most) == drawn
    assert len(drawn) <= most
    assert set(drawn) <= set(names)
    assert len(set(drawn)) == len(drawn)
    assert draw(names, 0, most) == ()


@given(Names, st.floats(0, 1), st.floats(0, 1), st.integers(0, 20), st.integers(0, 20))
def test_a_smaller_draw_begins_a_larger_one(
    names: list[str], one: float, other: float, few: int, many: int
) -> None:
    small, large = (min(one, other), min(few, many)), (max(one, other), max(few, many))
    less = draw(names, *small)
    assert draw(names, *large)[: len(less)] == less


@pytest.mark.parametrize("most", [300, 5000])
def test_every_kind_is_drawn_at_the_share_it_has(most: int) -> None:
    """Of 10,000 things three tenths are of one kind: so is the sample, also where it is cut off."""
    names = [f"triage:tri_{n}" for n in range(10_000)]
    drawn = draw(names, 0.1, most)
    assert len(drawn) == pytest.approx(min(most, 1000), abs=100)
    kind = sum(int(one.rpartition("_")[2]) % 10 < 3 for one in drawn)
    assert kind / len(drawn) == pytest.approx(0.3, abs=0.1)
    twice = sum(wanted_for(one) == 2 for one in drawn)
    assert twice / len(drawn) == pytest.approx(0.3, abs=0.1)


def label(ref: str, value: int, by: str = "anna", **more: object) -> Judged:
    base = {
        "item_id": f"i{ref}", "ref": ref, "rubric": "grounded", "rubric_version": 1,
        "lang": Lang.ZH, "golden": None, "rater": Rater.PERSON, "by": by, "value": value,
        "note": "", "at": NOW,
    }  # fmt: skip
    return Judged.model_validate(base | more)


def agreed(*, may_gate: bool) -> Agreement:
    known = Estimate(value=0.8, low=0.7, high=0.9, n=90)
    return Agreement(
        rubric="grounded", lang=Lang.ZH, sides=Sides.JUDGE, judge="j", kappa=known, same=known,
        may_gate=may_gate,
    )  # fmt: skip


def replies(count: int) -> list[Spotted]:
    made = {"origin": Origin.MODEL, "template": "reply/grounded.zh"}
    return [
        Spotted(ref=f"draft:{n}", about=About.REPLY, lang=Lang.ZH, version=1 + n % 2, **made)
        for n in range(count)
    ]


def figures(
    labels: list[Judged], *, trusted: bool = False, by: SpotSplit = SpotSplit.NOTHING
) -> list[SpotFigures]:
    known = [agreed(may_gate=trusted)]
    found = spot_figures(replies(40), labels, load_rubrics(), known, by)
    return [one for one in found if one.rubric == "grounded"]


def test_nothing_judged_is_unknown_not_zero() -> None:
    (one,) = figures([])
    assert (one.drawn, one.judged, one.few) == (40, 0, True)
    assert (one.passed.value, one.passed.low) == (None, None)


def test_the_first_person_counts_and_other_texts_do_not() -> None:
    late = NOW + timedelta(hours=1)
    said = [label(f"draft:{n}", 1 if n else 2) for n in range(32)]
    said += [
        label("draft:1", 2, "ben", at=late),
        label("draft:99", 2),
        label("draft:33", 2, rubric_version=9),
        label("draft:34", 2, rubric="refusal"),
        label("draft:35", 2, "j", rater=Rater.JUDGE),
    ]
    (one,) = figures(said)
    assert (one.judged, one.few, one.rater) == (32, False, Rater.PERSON)
    assert one.passed.value == pytest.approx(31 / 32)
    assert one.passed.low is not None
    assert one.passed.low < 31 / 32


def test_a_judge_is_shown_only_where_people_bear_it_out() -> None:
    said = [label(f"draft:{n}", 1, "j", rater=Rater.JUDGE) for n in range(40)]
    assert [one.rater for one in figures(said)] == [Rater.PERSON]
    person, judge = figures(said, trusted=True)
    assert (person.judged, judge.judged, judge.judge) == (0, 40, "j")


def test_versions_apart() -> None:
    found = figures([label("draft:1", 1)], by=SpotSplit.VERSION)
    assert [(one.version, one.drawn, one.judged) for one in found] == [(2, 20, 1), (1, 20, 0)]


def test_what_is_drawn_for_has_a_rubric_of_its_kind() -> None:
    known = {one.id: one for one in load_rubrics()}
    assert all(
        known[name].about is about and len(known[name].scale.values) == 2
        for about, names in RUBRICS.items()
        for name in names
    )
