"""A habit of the week is found, noise and single crowded evenings are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from service.domain.slots import SlotAdvice, SlotState, advise

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 4, 15, 4, 30, tzinfo=UTC)
TODAY = datetime(2026, 4, 15)
Hours = dict[datetime, int]


def always(weeks: int, rate: float, seed: int) -> Hours:
    """People of each hour of the weeks before today, the same rate at any hour."""
    drawn = np.random.default_rng(seed).poisson(rate, 168 * weeks)
    return {TODAY - timedelta(hours=n + 1): int(count) for n, count in enumerate(drawn)}


def evenings(hours: Hours, weekday: int, hour: int, more: int) -> Hours:
    return {
        at: n + more if (at.weekday(), at.hour) == (weekday, hour) else n for at, n in hours.items()
    }


def told(hours: Hours, quiet: tuple[int, ...] = ()) -> SlotAdvice:
    return advise(hours, now=NOW, zone=SHANGHAI, quiet=lambda hour: hour in quiet)


@pytest.mark.parametrize("seed", range(5))
def test_a_known_best_hour_is_found(seed: int) -> None:
    found = told(evenings(always(8, 3, seed), 3, 20, 9))
    assert (found.state, found.weeks) == (SlotState.FOUND, 8)
    best = found.slots[0]
    assert (best.weekday, best.hour) == (3, 20)
    assert found.mean < best.low < best.drawn < best.mean
    assert best.next_at == datetime(2026, 4, 16, 20, tzinfo=SHANGHAI)


def test_noise_offers_nothing() -> None:
    for seed in range(40):
        for rate in (0.3, 2, 15):
            found = told(always(8, rate, seed))
            assert (found.state, found.slots) == (SlotState.NO_DIFFERENCE, ())


def test_one_crowded_evening_is_no_habit() -> None:
    crowded = always(8, 3, 1)
    crowded[TODAY - timedelta(days=3, hours=4)] += 200
    assert told(crowded).slots == ()


def test_quiet_hours_are_never_offered() -> None:
    hours = evenings(evenings(always(8, 3, 2), 3, 23, 12), 5, 20, 9)
    assert told(hours).slots[0].hour == 23
    assert [one.hour for one in told(hours, quiet=(22, 23)).slots] == [20]


@pytest.mark.parametrize("hours", [{}, always(3, 9, 0), always(8, 0.02, 0)])
def test_few_observations_say_nothing(hours: Hours) -> None:
    found = told({at: n for at, n in hours.items() if n})
    assert (found.state, found.slots) == (SlotState.TOO_FEW, ())


def test_today_does_not_count() -> None:
    hours = always(8, 3, 3)
    later = hours | {TODAY + timedelta(hours=n): 500 for n in range(12)}
    assert told(later) == told(hours)


def test_an_hour_that_has_begun_is_next_week() -> None:
    (best,) = told(evenings(always(8, 3, 4), 2, 12, 12)).slots
    assert best.next_at == datetime(2026, 4, 22, 12, tzinfo=SHANGHAI)
