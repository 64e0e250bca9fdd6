"""The radar: which of a community's series stand above what its own rhythm leads one to expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from service.domain.alert import STEP, Finding, Metric, MetricKind, Reading, Series
from service.triage.radar_baseline import DAY, HOUR, Baseline, FloatArray, IntArray, fit, slots_of
from service.triage.radar_tail import (
    MANY_MARGIN,
    MIN_AUTHORS,
    drift,
    judge,
    level_of,
    limit_of,
)

MIN_HISTORY = 2 * DAY
"""Buckets of history without which nothing is said."""

_ONE_OF_MANY = (MetricKind.CATEGORY, MetricKind.THEME)
_SEVERE_BONUS = 1
_DRIFT_LEVEL = 1


class RadarEngine:
    """Implements `service.ports.engines.Watcher`; pure."""

    def scan(self, series: Sequence[Series], zone: str) -> tuple[Reading, ...]:
        """A reading of each series at its end, in the order given.

        The baseline ends a day before the window, so that an anomaly does not teach itself.
        """
        known: dict[tuple[object, int], IntArray] = {}
        readings = []
        for one in series:
            key = (one.start, len(one.counts))
            if key not in known:
                known[key] = slots_of(one.start, len(one.counts), ZoneInfo(zone))
            readings.append(read(one, known[key]))
        return tuple(readings)


def read(series: Series, slots: IntArray) -> Reading:
    """The reading of one series; `slots` are its buckets' places in the local week."""
    counts = np.asarray(series.counts, dtype=np.int64)
    totals = np.asarray(series.totals, dtype=np.int64) if series.totals else None
    if len(counts) < MIN_HISTORY:
        return _calm(series, counts, 0.0)
    baseline, means, limit = prepare(series.metric, counts, slots, totals)
    ends = np.array([len(counts)])
    observed, expected, surprise, length = (
        float(row[0]) for row in judge(counts, means, baseline, ends)
    )
    daily = float(means[:-DAY].sum() * DAY / len(means[:-DAY]))
    level = level_of(observed, expected, surprise - limit, series.authors, daily)
    if level:
        shown = _Shown(int(length), observed, expected, surprise)
        return _reading(series, shown, Finding.SPIKE, _raised(series, level))
    if series.authors >= MIN_AUTHORS and drift(counts, means, baseline) >= 1:
        shown = _Shown(DAY, float(counts[-DAY:].sum()), float(means[-DAY:].sum()), 0.0)
        return _reading(series, shown, Finding.DRIFT, _DRIFT_LEVEL)
    return _calm(series, counts, expected * HOUR / length, surprise)


class Prepared(NamedTuple):
    """What a series is judged against: `means` has the shape of its counts."""

    baseline: Baseline
    means: FloatArray
    limit: float


def prepare(
    metric: Metric, counts: IntArray, slots: IntArray, totals: IntArray | None = None
) -> Prepared:
    """Fit all but the last day, which is judged and must not teach itself."""
    past = slice(0, -DAY)
    baseline = fit(counts[past], slots[past], None if totals is None else totals[past])
    means = baseline.expected(slots) if totals is None else baseline.expected(slots) * totals
    limit = limit_of(counts[past], means[past], baseline)
    return Prepared(baseline, means, limit + MANY_MARGIN * (metric.kind in _ONE_OF_MANY))


def _raised(series: Series, level: int) -> int:
    """Grave cases weigh one level more."""
    return min(4, level + _SEVERE_BONUS * (series.metric.kind is MetricKind.SEVERE))


class _Shown(NamedTuple):
    """The window a reading shows."""

    length: int
    observed: float
    expected: float
    surprise: float


def _calm(series: Series, counts: IntArray, expected: float, surprise: float = 0.0) -> Reading:
    shown = _Shown(HOUR, float(counts[-HOUR:].sum()), expected, surprise)
    return _reading(series, shown, Finding.CALM, 0)


def _reading(series: Series, shown: _Shown, finding: Finding, level: int) -> Reading:
    return Reading(
        metric=series.metric,
        since=series.end - shown.length * STEP,
        until=series.end,
        baseline=round(shown.expected, 3),
        observed=int(shown.observed),
        authors=series.authors,
        surprise=round(shown.surprise, 2),
        finding=finding,
        level=level,
        evidence=series.evidence if level else (),
    )
