"""Limits, gauges, and when a call does not fit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.spend import (
    Gauge,
    GaugeState,
    Limit,
    Limits,
    Reservation,
    Spent,
    exceeded,
    gauges,
)

NOW = datetime(2026, 4, 1, tzinfo=UTC)
maybe = st.none() | st.integers(0, 1000)
limits = st.builds(Limits, tokens_per_day=maybe, tokens_per_month=maybe)


def wish(tokens: int = 0, cost: float = 0.0) -> Reservation:
    return Reservation(id="r", community="c", tokens=tokens, cost=cost, at=NOW)


@given(limits, limits)
def test_the_tightest_lets_through_what_both_let_through(one: Limits, other: Limits) -> None:
    both = one.tightest(other)
    assert both == other.tightest(one)
    for tokens in (1, 10, 500, 1001):
        alone = [exceeded(each, Spent(), wish(tokens)) for each in (one, other)]
        assert (exceeded(both, Spent(), wish(tokens)) is None) == (alone == [None, None])


def test_nothing_given_is_no_limit() -> None:
    assert exceeded(Limits(), Spent(tokens_per_day=10**12), wish(10**12, 1e9)) is None
    assert gauges(Limits(), Spent()) == ()
    assert Limits(cost_per_day=1.0).tightest(None) == Limits(cost_per_day=1.0)


def test_a_limit_may_be_reached_and_not_passed() -> None:
    mine = Limits(tokens_per_day=100)
    assert exceeded(mine, Spent(tokens_per_day=60), wish(40)) is None
    assert exceeded(mine, Spent(tokens_per_day=60), wish(41)) is Limit.TOKENS_PER_DAY


def test_a_limit_of_nothing_stops_everything_that_costs() -> None:
    assert exceeded(Limits(cost_per_month=0.0), Spent(), wish(1, 0.01)) is Limit.COST_PER_MONTH
    assert exceeded(Limits(cost_per_month=0.0), Spent(), wish(1, 0.0)) is None


@pytest.mark.parametrize(
    ("used", "most", "state"),
    [
        (0, 100, GaugeState.FREE),
        (79.9, 100, GaugeState.FREE),
        (80, 100, GaugeState.WARNING),
        (100, 100, GaugeState.REACHED),
        (140, 100, GaugeState.REACHED),
        (0, 0, GaugeState.REACHED),
    ],
)
def test_people_are_warned_from_four_fifths_on(used: float, most: float, state: GaugeState) -> None:
    gauge = Gauge(limit=Limit.COST_PER_DAY, most=most, used=used)
    assert gauge.state is state
    assert 0 <= gauge.share <= 1
