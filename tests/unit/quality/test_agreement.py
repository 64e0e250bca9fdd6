"""Agreement beyond chance: right, honest about little, and not fooled by flattery."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.base import Lang
from service.domain.labelling import Judged, Rater, Scale
from service.domain.quality import Estimate, Sides
from service.quality.agreement import ENOUGH, accuracies, agreements, may_gate
from service.quality.bar import judged_shares
from service.quality.intervals import mean, median, share
from service.quality.kappa import LEAST, kappa
from service.quality.rubrics import load_rubrics, rubric_of

AT = datetime(2026, 4, 1, tzinfo=UTC)
FEW = [(1, 1)] * (LEAST - 2) + [(2, 2)]


@pytest.mark.parametrize(
    ("scale", "weights"), [(Scale.PASS_FAIL, None), (Scale.THREE, "quadratic")]
)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_as_the_library_counts_it(scale: Scale, weights: str | None, seed: int) -> None:
    from sklearn.metrics import cohen_kappa_score

    rng = random.Random(seed)
    pairs = [(rng.choice(scale.values), rng.choice(scale.values)) for _ in range(60)]
    one, other = zip(*pairs, strict=True)
    found = kappa(pairs, scale, seed=1)
    expected = cohen_kappa_score(one, other, labels=list(scale.values), weights=weights)
    assert found.value == pytest.approx(expected)
    assert found.low is not None and found.high is not None  # noqa: PT018 one thing
    assert found.low <= expected <= found.high


def test_little_and_sameness_are_unknown_not_zero() -> None:
    assert kappa(FEW, Scale.PASS_FAIL, seed=1) == Estimate(
        value=None, low=None, high=None, n=LEAST - 1
    )
    assert kappa([(1, 1)] * 100, Scale.PASS_FAIL, seed=1).value is None
    assert not may_gate(kappa(FEW, Scale.PASS_FAIL, seed=1))


def test_near_misses_weigh_less_on_a_scale() -> None:
    right = [(1, 1), (2, 2), (3, 3)] * 20
    near = kappa([*right, *[(2, 3)] * 6], Scale.THREE, seed=1).value
    far = kappa([*right, *[(1, 3)] * 6], Scale.THREE, seed=1).value
    assert near is not None and far is not None  # noqa: PT018 one thing
    assert near > far


def labels(judge_says: dict[int, int], count: int, golden: int = 0) -> list[Judged]:
    """People agree: four of five pass. The judge says what it says of each value."""
    found = []
    for n in range(count):
        value = 2 if n % 5 == 0 else 1
        for by, rater, said in (
            ("anna", Rater.PERSON, value),
            ("ben", Rater.PERSON, value),
            ("judge", Rater.JUDGE, judge_says[value]),
        ):
            found.append(
                Judged(
                    item_id=f"i{n}", ref=f"r{n}", rubric="grounded",
                    rubric_version=rubric_of("grounded").version,
                    lang=Lang.ZH if n % 2 else Lang.EN, golden=value if n < golden else None,
                    rater=rater, by=by, value=said, note="", at=AT + timedelta(seconds=n),
                )
            )  # fmt: skip
    return found


def test_a_judge_that_flatters_is_found_out() -> None:
    found = agreements(labels({1: 1, 2: 1}, 200, golden=50), load_rubrics())
    judged = {one.lang: one for one in found if one.sides is Sides.JUDGE}
    assert judged[Lang.ZH].same.value == pytest.approx(0.8)
    assert judged[Lang.ZH].kappa.value == pytest.approx(0)
    assert not any(one.may_gate for one in found)
    golden = {one.by: (one.golden, one.right) for one in accuracies(labels({1: 1, 2: 1}, 200, 50))}
    assert golden == {"anna": (50, 50), "ben": (50, 50), "judge": (50, 40)}


def test_a_judge_that_flatters_turns_no_gate_green() -> None:
    flattering = judged_shares(labels({1: 1, 2: 1}, 200), rubric_of("grounded"), 0.9)
    assert [(one.passed.value, one.verdict) for one in flattering] == [(1, "ignored")] * 2
    honest = judged_shares(labels({1: 1, 2: 2}, 400), rubric_of("grounded"), 0.9)
    assert {one.verdict for one in honest} == {"fail"}
    lower = judged_shares(labels({1: 1, 2: 2}, 400), rubric_of("grounded"), 0.7)
    assert {one.verdict for one in lower} == {"pass"}


def test_a_judge_that_agrees_may_gate_once_enough_is_known() -> None:
    def gates(count: int) -> dict[Lang | None, bool]:
        found = agreements(labels({1: 1, 2: 2}, count), load_rubrics())
        return {one.lang: one.may_gate for one in found if one.judge}

    assert gates(400) == {None: False, Lang.ZH: True, Lang.EN: True}
    assert gates(2 * ENOUGH - 2) == {None: False, Lang.ZH: False, Lang.EN: False}


def test_labels_of_an_older_rubric_do_not_count() -> None:
    old = [one.model_copy(update={"rubric_version": 99}) for one in labels({1: 1, 2: 2}, 40)]
    assert agreements(old, load_rubrics()) == ()


def test_intervals_hold_their_figure_and_say_when_there_is_none() -> None:
    assert share(0, 0).value is None
    none = share(0, 10)
    assert (none.low, none.value) == (0, 0)
    assert none.high == pytest.approx(0.2775, abs=1e-3)
    assert median([1, 2], 1) == Estimate(value=1.5, low=None, high=None, n=2)
    found = mean([0.1, 0.2, 0.3, 0.4, 0.5], 1)
    assert found.low is not None and found.high is not None  # noqa: PT018 one thing
    assert found.low < 0.3 < found.high
