"""The radar: spikes in the first hour, no alarm for one author, few people or a usual evening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.alert import STEP, Finding, Metric, MetricKind, Reading, Series
from service.triage.radar import RadarEngine
from service.triage.radar_baseline import DAY, WEEK, fit, floor_step, slots_of

SHANGHAI = "Asia/Shanghai"
START = datetime(2026, 1, 4, 16, tzinfo=UTC)  # Monday, midnight in Shanghai
VOLUME = Metric(kind=MetricKind.VOLUME)


def rhythm(weeks: float, per_hour: float, seed: int = 3) -> list[int]:
    """Quiet nights, lively evenings."""
    place = np.arange(int(weeks * WEEK))
    shape = 0.2 + 1.6 * np.exp(-0.5 * ((place % DAY / 4 - 20) / 3) ** 2)
    return np.random.default_rng(seed).poisson(per_hour / 4 * shape).tolist()


def scan(counts: list[int], authors: int, **more: object) -> Reading:
    series = Series.model_validate(
        {"metric": VOLUME, "start": START, "counts": tuple(counts), "authors": authors} | more
    )
    (reading,) = RadarEngine().scan([series], SHANGHAI)
    return reading


def with_last(counts: list[int], *added: int) -> list[int]:
    head, tail = counts[: -len(added)], counts[-len(added) :]
    return head + [old + new for old, new in zip(tail, added, strict=True)]


def test_a_usual_evening_is_calm() -> None:
    counts = rhythm(6.5, 20)[: -DAY // 6]
    assert scan(counts, 40).finding is Finding.CALM


def test_a_spike_shows_half_an_hour_after_it_began() -> None:
    reading = scan(with_last(rhythm(6, 8), 14, 17), 30, evidence=("case_1", "case_2"))
    assert reading.finding is Finding.SPIKE
    assert reading.level >= 3
    assert reading.until - reading.since <= timedelta(hours=1)
    assert reading.evidence == ("case_1", "case_2")
    assert reading.observed > 5 * reading.baseline


def test_the_level_grows_with_reach_and_size() -> None:
    levels = [scan(with_last(rhythm(6, 8), n, n, n, n), 4 * n).level for n in (0, 3, 8, 20)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, 4)


def test_one_author_never_alarms() -> None:
    assert scan(with_last(rhythm(6, 0.2), 1, 1, 1, 1), 1).level == 0


def test_two_messages_in_a_sleepy_community_are_no_alarm() -> None:
    sleepy = [0] * (6 * WEEK)
    assert scan(with_last(sleepy, 1, 0, 1), 2).level == 0


def test_ten_people_in_a_sleepy_community_are() -> None:
    assert scan(with_last([0] * (6 * WEEK), 3, 4, 5), 10).level >= 1


def test_what_happened_before_does_not_hide_what_happens_now() -> None:
    counts = rhythm(6, 8)
    for place in (WEEK, 3 * WEEK):
        counts[place + 50 : place + 62] = [40] * 12
    assert scan(with_last(counts, 20, 20), 36).level >= 3


def test_growth_is_no_alarm() -> None:
    counts = np.array(rhythm(8, 10)) * np.linspace(1, 2.2, 8 * WEEK)
    assert scan(counts.round().astype(int).tolist(), 20).finding is Finding.CALM


def test_a_long_unusual_rise_without_a_spike_is_a_drift() -> None:
    counts = rhythm(6, 30)
    raised = counts[: -2 * DAY] + [round(1.55 * n) + 1 for n in counts[-2 * DAY :]]
    reading = scan(raised, 20)
    assert reading.finding in (Finding.DRIFT, Finding.SPIKE)
    assert 1 <= reading.level <= 2


def test_a_young_community_needs_more_to_alarm() -> None:
    old = scan(with_last(rhythm(6, 8), 6, 6), 12)
    young = scan(with_last(rhythm(1, 8), 6, 6), 12)
    assert young.surprise < old.surprise
    assert scan([3] * DAY, 9).finding is Finding.CALM, "a day of history says nothing"


def test_a_share_is_judged_against_all_cases() -> None:
    totals = [4] * (5 * WEEK)
    negative = ([1, 0, 0, 0] * (5 * WEEK))[: 5 * WEEK]
    metric = Metric(kind=MetricKind.NEGATIVE_SHARE)
    calm = scan(negative, 10, metric=metric, totals=tuple(totals))
    angry = scan(with_last(negative, 4, 4, 4, 4), 15, metric=metric, totals=tuple(totals))
    busy = scan(
        with_last(negative, 1, 1, 1, 1), 15, metric=metric,
        totals=tuple(with_last(totals, 16, 16, 16, 16)),
    )  # fmt: skip
    assert (calm.level, busy.level) == (0, 0)
    assert angry.level >= 2


def test_grave_cases_weigh_more() -> None:
    counts = with_last([0] * (4 * WEEK), 3, 4, 5)
    plain, grave = scan(counts, 11), scan(counts, 11, metric=Metric(kind=MetricKind.SEVERE))
    assert grave.level == min(4, plain.level + 1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 400), st.integers(0, 3))
def test_fewer_than_four_people_never_alarm(extra: int, authors: int) -> None:
    assert scan(with_last(rhythm(3, 2), extra, extra), authors).level == 0


def test_slots_follow_local_time_and_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = slots_of(datetime(2026, 3, 28, 11, tzinfo=UTC), 1, berlin)[0]
    after = slots_of(datetime(2026, 3, 29, 10, tzinfo=UTC), 1, berlin)[0]
    assert (before % DAY, after % DAY) == (48, 48)
    assert slots_of(START, 5, ZoneInfo(SHANGHAI)).tolist() == [0, 1, 2, 3, 4]


def test_steps_end_on_quarters() -> None:
    assert floor_step(START + timedelta(minutes=44, seconds=59)) == START + 2 * STEP


def test_the_profile_learns_the_hour_of_the_week() -> None:
    slots = np.tile(np.arange(WEEK), 6)
    counts = np.where(slots // DAY == 5, 10, 1)
    profile = fit(counts, slots).profile
    assert profile[5 * DAY + 48] == pytest.approx(10, rel=0.35)
    assert profile[2 * DAY + 48] == pytest.approx(1, rel=0.35)
