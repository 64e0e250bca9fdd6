"""What moved: found where it is there, silent where it is not, whatever the order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f

from service.domain.drift import Cause, CauseKind, Counted, Measure, Shift, Window
from service.quality.drift import BLOCKS, LEAST, causes_of, scan
from service.quality.drift_shares import holm, moved, moved_curve

UNTIL = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("bug", "chat", "praise", "refund")


def counted(
    before: dict[str, float],
    after: dict[str, float],
    *,
    days: int = 1,
    size: int = 400,
    measure: Measure = Measure.CATEGORY,
    seed: int = 1,
) -> Counted:
    """Days drawn from one mix, and the last ones from another."""
    draw = np.random.default_rng(seed)
    mixes = [list(before.values())] * (BLOCKS - days) + [list(after.values())] * days
    rows = np.stack([draw.multinomial(size, mix) for mix in mixes], axis=1)
    counts = {key: tuple(row.tolist()) for key, row in zip(before, rows, strict=True)}
    return Counted(measure=measure, until=UNTIL, counts=counts)


def loud(shifts: tuple[Shift, ...]) -> dict[Window, Shift]:
    return {one.window: one for one in shifts if one.level}


USUAL = {"bug": 0.2, "chat": 0.4, "praise": 0.3, "refund": 0.1}
MOVED = {"bug": 0.2, "chat": 0.3, "praise": 0.2, "refund": 0.3}


def test_a_moved_category_is_named_with_its_shares() -> None:
    found = loud(scan([counted(USUAL, MOVED)]))
    shift = found[Window.DAY]
    assert shift.moves[0].key == "refund"
    move = shift.moves[0]
    assert move.before.value == pytest.approx(0.1, abs=0.02)
    assert move.after.value == pytest.approx(0.3, abs=0.07)
    assert move.after.low is not None
    assert move.before.high is not None
    assert move.after.low > move.before.high
    assert (shift.n, shift.since, shift.until) == (400, UNTIL - DAY, UNTIL)
    assert shift.reference_since == UNTIL - 29 * DAY
    assert shift.level == 2


@pytest.mark.parametrize("seed", range(5))
def test_days_drawn_alike_raise_nothing(seed: int) -> None:
    shifts = scan([counted(USUAL, USUAL, seed=seed)])
    assert {one.window for one in shifts} == set(Window)
    assert not loud(shifts)


def test_a_trifle_is_no_news_however_many_cases() -> None:
    slightly = USUAL | {"bug": 0.22, "chat": 0.38}
    (day, _) = scan([counted(USUAL, slightly, size=200_000)])
    assert day.surprise > 10
    assert (day.level, day.moves) == (0, ())


def test_few_cases_are_not_compared() -> None:
    assert scan([counted(USUAL, MOVED, size=LEAST // 8)]) == ()


def test_a_young_community_is_not_compared() -> None:
    rows = np.zeros((2, BLOCKS), dtype=int)
    rows[:, -6:] = 500
    counts = {"a": tuple(rows[0].tolist()), "b": tuple(rows[1].tolist())}
    assert scan([Counted(measure=Measure.CATEGORY, until=UNTIL, counts=counts)]) == ()


def test_days_that_differ_by_themselves_raise_the_bar() -> None:
    draw = np.random.default_rng(3)
    shares = draw.beta(4, 6, BLOCKS)
    shares[-1] = 0.6
    hits = draw.binomial(400, shares)
    counts = {"a": tuple(hits.tolist()), "b": tuple((400 - hits).tolist())}
    wild = scan([Counted(measure=Measure.LANGUAGE, until=UNTIL, counts=counts)])
    assert not loud(wild)
    calm = scan([counted({"a": 0.4, "b": 0.6}, {"a": 0.6, "b": 0.4}, measure=Measure.LANGUAGE)])
    assert loud(calm)


def test_lower_confidence_is_told_at_one_bound() -> None:
    keys = [f"{5 * n:02}" for n in range(10, 20)]
    usual = dict(zip(keys, np.linspace(1, 10, 10) / 55, strict=True))
    lower = dict(zip(keys, np.linspace(10, 1, 10) / 55, strict=True))
    shift = loud(scan([counted(usual, lower, measure=Measure.CONFIDENCE)]))[Window.DAY]
    (move,) = shift.moves
    assert (move.after.value or 0) > (move.before.value or 0)
    assert shift.effect == pytest.approx(
        (move.after.value or 0) - (move.before.value or 0), abs=1e-2
    )


def change(kind: CauseKind, days: float, name: str = "") -> Cause:
    at = UNTIL - days * DAY
    return Cause(kind=kind, name=name, version="2", at=at, promotion_id=f"{kind}{days}")


def test_a_change_people_made_is_named_until_it_is_the_rule() -> None:
    shifted = counted(USUAL, MOVED, days=20)
    shift = loud(scan([counted(USUAL, MOVED)]))[Window.DAY]
    changes = [
        change(CauseKind.TAXONOMY, 0.5), change(CauseKind.PROMPT, 0.5, "reply/grounded.zh"),
        change(CauseKind.BANK, 3), change(CauseKind.BANK, 20),
    ]  # fmt: skip
    assert [one.promotion_id for one in causes_of(shift, changes)] == ["taxonomy0.5", "bank3"]
    assert loud(scan([shifted]))
    assert not loud(scan([shifted], changes[-1:]))
    assert loud(scan([shifted], [change(CauseKind.RULES, 20)]))


def test_what_a_person_knows_is_not_compared_with_the_time_before() -> None:
    known = {Measure.CATEGORY: UNTIL - 3 * DAY}
    assert scan([counted(USUAL, MOVED, days=3)], known=known) == ()
    later = {Measure.CATEGORY: UNTIL - 20 * DAY}
    shifts = scan([counted(USUAL, MOVED, days=20)], known=later)
    assert {one.window for one in shifts} == set(Window)
    assert not loud(shifts)


def test_one_measure_does_not_hide_among_many() -> None:
    calm = [counted(USUAL, USUAL, seed=n, measure=one) for n, one in enumerate(Measure)]
    shifts = scan([*calm[1:], counted(USUAL, MOVED)])
    assert {one.measure for one in shifts if one.level} == {Measure.CATEGORY}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_and_keeps_the_order(ps: list[float]) -> None:
    adjusted = holm(ps)
    assert all(adjusted >= np.array(ps))
    assert all(adjusted <= 1)
    order = np.argsort(ps, kind="stable")
    assert all(np.diff(adjusted[order]) >= 0)
    assert adjusted.min() == pytest.approx(min(1.0, min(ps) * len(ps)))


BLOCK = st.lists(st.integers(0, 60), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, min_size=3, max_size=9), st.integers(1, 3))
def test_identical_days_never_stand_out(days: list[list[int]], recent: int) -> None:
    """The recent days are copies of all the days before."""
    if not sum(map(sum, days)):
        return
    counts = np.array(days * (recent + 1), dtype=np.int64).T
    for found in (moved(counts, len(days)), moved_curve(counts, len(days) * recent)):
        assert found.effect == pytest.approx(0, abs=1e-7)
        assert found.p == pytest.approx(1, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, min_size=6, max_size=12), st.integers(1, 4))
def test_the_order_of_days_and_keys_says_nothing(days: list[list[int]], recent: int) -> None:
    counts = np.array(days, dtype=np.int64).T
    if not counts[:, -recent:].sum() or not counts[:, :-recent].sum():
        return
    draw = np.random.default_rng(len(days))
    keys = draw.permutation(len(counts))
    first = draw.permutation(counts.shape[1] - recent)
    last = counts.shape[1] - recent + draw.permutation(recent)
    one = moved(counts, recent)
    other = moved(counts[:, np.concatenate([first, last])][keys], recent)
    assert other.p == pytest.approx(one.p[keys])
    assert other.effect == pytest.approx(one.effect[keys])


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, min_size=4, max_size=4), st.lists(BLOCK, min_size=4, max_size=4))
def test_before_and_after_may_change_places(one: list[list[int]], other: list[list[int]]) -> None:
    a, b = np.array(one, dtype=np.int64).T, np.array(other, dtype=np.int64).T
    if not a.sum() or not b.sum():
        return
    forth = moved(np.concatenate([a, b], axis=1), 4)
    back = moved(np.concatenate([b, a], axis=1), 4)
    assert forth.p == pytest.approx(back.p)
    assert forth.effect == pytest.approx(back.effect)


def test_the_ratio_is_the_textbooks_where_days_are_draws() -> None:
    counts = np.array([[50] * 20 + [20], [50] * 20 + [80]], dtype=np.int64)
    found = moved(counts, 1)
    table = np.array([[1000, 1000], [20, 80]])
    wanted = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    g = 2 * (table * np.log(table / wanted)).sum()
    assert found.dispersion == pytest.approx([1, 1])
    assert found.p[0] == pytest.approx(f.sf(g, 1, 19))
