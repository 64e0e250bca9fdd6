"""Replaying a made community through the radar, quarter of an hour by quarter of an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from evals.bench.radar_series import DAY, HOUR, WEEK, Community, FloatArray, IntArray
from service.domain.alert import QUIET, STEP, Metric, MetricKind
from service.triage.radar import prepare
from service.triage.radar_baseline import KEEP
from service.triage.radar_tail import MIN_AUTHORS, drift, judge, level_of

MERGE = int(QUIET / STEP)
"""Alarms no further apart than this, in buckets, are one alert."""

Z_LIMIT = 3.0

VOLUME, CATEGORY = Metric(kind=MetricKind.VOLUME), Metric(kind=MetricKind.CATEGORY, key="any")


class Tally(NamedTuple):
    """What a replay gave. `delays` holds minutes from the true start to the first alarm, NaN where
    a spike was missed."""

    delays: tuple[float, ...]
    false_alarms: int
    flooded: int
    floods: int
    weeks: float


def replay(community: Community, metric: Metric = VOLUME) -> Tally:
    """With the production engine; its baseline is made anew each day instead of each quarter."""
    alarms = []
    voices, authors = voices_of(community), _Authors(community)
    slots = np.arange(community.length) % WEEK
    for day in range(community.first_test, community.length, DAY):
        start = max(0, day - KEEP - DAY)
        counts = voices[start : day + DAY]
        baseline, means, limit = prepare(metric, counts, slots[start : day + DAY])
        ends = np.arange(day, day + DAY) + 1 - start
        daily = float(means[:-DAY].mean() * DAY)
        rows = zip(ends, *judge(counts, means, baseline, ends), strict=True)
        for end, observed, expected, surprise, _ in rows:
            people = authors.within(start + int(end))
            level = level_of(observed, expected, surprise - limit, people, daily)
            drifting = people >= MIN_AUTHORS and drift(counts[:end], means[:end], baseline) >= 1
            if level or drifting:
                alarms.append(start + int(end))
    return judge_alarms(community, alarms)


def replay_family(community: Community, categories: int, seed: int) -> float:
    """False alarms a week of a calm community when all its categories are watched at once."""
    draw = np.random.default_rng(seed)
    share = 1 / (np.arange(categories) + 1.5)
    of = draw.choice(categories, len(community.buckets), p=share / share.sum())
    parts = [
        replace(community, buckets=community.buckets[of == n], people=community.people[of == n])
        for n in range(categories)
    ]
    tallies = [replay(community), *(replay(part, CATEGORY) for part in parts)]
    return sum(tally.false_alarms for tally in tallies) / tallies[0].weeks


def replay_zscore(community: Community) -> Tally:
    """The peer: messages an hour against mean and deviation of all the history."""
    counts = np.bincount(community.buckets, minlength=community.length)
    rolled = np.convolve(counts, np.ones(HOUR))[: len(counts)]
    alarms = []
    for end in range(community.first_test + 1, community.length + 1):
        past = rolled[HOUR - 1 : end - HOUR : HOUR]
        if rolled[end - 1] > past.mean() + Z_LIMIT * past.std():
            alarms.append(end)
    return judge_alarms(community, alarms)


def judge_alarms(community: Community, alarms: Sequence[int]) -> Tally:
    """Compare alarms, as the buckets they were raised after, with the labels."""
    alerts = _merged(alarms)
    delays, explained = [], set()
    for spike in community.spikes:
        over = spike.start + max(spike.length, 2 * HOUR) + HOUR + MERGE
        mine = {n for n, (first, last) in enumerate(alerts) if first < over and last > spike.start}
        explained |= mine
        inside = [at for at in alarms if spike.start < at <= over]
        delays.append((min(inside) - spike.start) * 15 if inside else float("nan"))
    flooded = 0
    for at in community.floods:
        mine = {
            n for n, (first, _) in enumerate(alerts)
            if at < first <= at + 5 * HOUR and n not in explained
        }  # fmt: skip
        flooded += bool(mine)
    return Tally(
        delays=tuple(delays),
        false_alarms=len(alerts) - len(explained),
        flooded=flooded,
        floods=len(community.floods),
        weeks=(community.length - community.first_test) / WEEK,
    )


def voices_of(community: Community) -> IntArray:
    """Distinct authors of every bucket."""
    pairs = np.unique(np.stack([community.buckets, community.people]), axis=1)
    return np.bincount(pairs[0], minlength=community.length)


class _Authors:
    """Distinct authors of the hour before a bucket."""

    def __init__(self, community: Community) -> None:
        self._people = community.people
        self._starts = np.searchsorted(community.buckets, np.arange(community.length + 1))

    def within(self, end: int) -> int:
        rows = slice(self._starts[max(0, end - HOUR)], self._starts[end])
        return len(np.unique(self._people[rows]))


def _merged(alarms: Sequence[int]) -> list[tuple[int, int]]:
    alerts: list[tuple[int, int]] = []
    for at in alarms:
        if alerts and at - alerts[-1][1] <= MERGE:
            alerts[-1] = (alerts[-1][0], at)
        else:
            alerts.append((at, at))
    return alerts


def median(values: Sequence[float]) -> float:
    """Median of the values that are there."""
    known: FloatArray = np.array([value for value in values if value == value])
    return float(np.median(known)) if len(known) else float("nan")
