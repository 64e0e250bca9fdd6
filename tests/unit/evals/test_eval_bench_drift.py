"""The drift bench: streams are what they say, the alarms find what was injected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.bench.drift import CHANGES, FALSE, PEERS, TEST_SEEDS, TUNING_SEEDS, drift
from evals.bench.drift_replay import (
    FIRST,
    chi_square,
    delay,
    false_alarms,
    jensen_shannon,
    ours,
    psi,
)
from evals.bench.drift_stream import WEEK, Injected, Kind, Plan, Pool, make, pool_of
from evals.bench.figures import Figures
from service.domain.drift import Measure

SAID = {
    "support": [Kind("bug", n, "zh") for n in range(10, 20)] + [Kind("", -1, "zh")] * 5,
    "talk": [Kind("chat", n, "en") for n in range(8, 20)] + [Kind("praise", 12, "en")] * 4,
}
PLAN = Plan("test", per_day=400, even=0, weeks=7)


@pytest.fixture(scope="module")
def pool() -> Pool:
    return pool_of(SAID)


def injected(**change: float) -> Injected:
    return Injected("test", FIRST + 30, **change)  # type: ignore[arg-type]


def test_seeds_of_figures_are_not_those_of_limits() -> None:
    assert not set(TEST_SEEDS) & set(TUNING_SEEDS)


def test_a_change_changes_only_what_comes_after(pool: Pool) -> None:
    plain, moved = make(PLAN, pool, 1), make(PLAN, pool, 1, injected(points=0.2))
    keys, before = plain.counts[Measure.CATEGORY]
    other_keys, after = moved.counts[Measure.CATEGORY]
    assert keys == other_keys == ("bug", "chat", "praise")
    late = slice(FIRST + 30, None)
    shares = [found[:, late].sum(1) / found[:, late].sum() for found in (before, after)]
    assert np.abs(shares[1] - shares[0]).sum() / 2 == pytest.approx(0.2, abs=0.03)
    early = slice(0, FIRST + 30)
    assert (before[:, early] == after[:, early]).mean() > 0.3


def test_lower_confidence_keeps_the_categories(pool: Pool) -> None:
    lowered = make(PLAN, pool, 1, injected(bins=2))
    keys, counts = lowered.counts[Measure.CONFIDENCE]
    bins = np.array([int(key) for key in keys])
    late = slice(FIRST + 30, None)
    means = [(found.sum(1) @ bins) / found.sum() for found in (counts[:, :FIRST], counts[:, late])]
    assert means[0] - means[1] == pytest.approx(9, abs=2)


def test_days_may_differ(pool: Pool) -> None:
    def spread(plan: Plan) -> float:
        _, counts = make(plan, pool, 3).counts[Measure.LANGUAGE]
        days = counts.reshape(2, -1, 24).sum(2)
        return float((days[0] / days.sum(0)).std())

    assert spread(Plan("test", 400, 15, 0.5, 7)) > 3 * spread(PLAN)


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ({"points": 0.3}, Measure.CATEGORY),
        ({"bins": 3}, Measure.CONFIDENCE),
        ({"refusals": 3.0}, Measure.REFUSAL),
    ],
)
def test_ours_finds_what_was_injected(
    pool: Pool, change: dict[str, float], measure: Measure
) -> None:
    hours = delay(make(PLAN, pool, 2, injected(**change)), ours, measure).delay
    assert hours is not None
    assert hours < WEEK


def test_ours_is_silent_where_rules_of_thumb_are_not(pool: Pool) -> None:
    stream = make(Plan("test", 300, 15, 0.5, 7), pool, 4)
    assert false_alarms(stream, ours, 12).alarms <= 1
    assert false_alarms(stream, PEERS["js_0.1"], 12).alarms > 3


@pytest.mark.parametrize("distance", [psi, jensen_shannon, chi_square])
def test_distances_are_none_between_likes_and_grow(distance: object) -> None:
    likes = np.array([100.0, 50.0]), np.array([100.0, 50.0])
    assert distance(*likes) == pytest.approx(0, abs=1e-6)  # type: ignore[operator]
    near = distance(likes[0], np.array([110.0, 40.0]))  # type: ignore[operator]
    assert 0 < near < distance(likes[0], np.array([40.0, 110.0]))  # type: ignore[operator]


def test_a_folder_without_its_sets_measures_nothing(tmp_path: Path) -> None:
    figures = Figures()
    drift(figures, tmp_path, "drift.found.mix_10")
    assert figures.values == dict.fromkeys(figures.values)
    assert set(figures.notes.values()) == {"none of its sets is there"}
    assert FALSE not in figures.values
    assert len(CHANGES) == 5
