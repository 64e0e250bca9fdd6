"""The queue's order: severity x reach x wait, stable while time passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain.priority import HOURS_PER_DOUBLING, priority

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


@given(st.integers(0, 3), st.integers(1, 1000))
def test_more_severe_comes_first(severity: int, reach: int) -> None:
    low = priority(severity=severity, reach=reach, waiting_since=NOON)
    assert priority(severity=severity + 1, reach=reach, waiting_since=NOON) > low


@given(st.integers(0, 4), st.integers(1, 1000))
def test_wider_reach_comes_first(severity: int, reach: int) -> None:
    low = priority(severity=severity, reach=reach, waiting_since=NOON)
    assert priority(severity=severity, reach=reach + 1, waiting_since=NOON) > low


@given(st.integers(0, 4), st.integers(1, 10_000))
def test_longer_waiting_comes_first(severity: int, minutes: int) -> None:
    earlier = NOON - timedelta(minutes=minutes)
    assert priority(severity=severity, reach=1, waiting_since=earlier) > priority(
        severity=severity, reach=1, waiting_since=NOON
    )


def test_a_doubling_is_worth_its_hours() -> None:
    waited = NOON - timedelta(hours=HOURS_PER_DOUBLING)
    doubled = priority(severity=1, reach=1, waiting_since=NOON)
    assert abs(priority(severity=0, reach=1, waiting_since=waited) - doubled) < 1e-6


def test_a_crisis_never_waits_behind_anything() -> None:
    old = NOON - timedelta(days=180)
    crisis = priority(severity=4, reach=1, waiting_since=NOON)
    assert crisis > priority(severity=3, reach=10_000, waiting_since=old)
