"""What a community's own rhythm leads one to expect: a robust weekly profile of counts.

After Noufaily, Enki, Farrington et al., "An improved algorithm for outbreak detection in multiple
surveillance systems", Statistics in Medicine 32 (2013) 1206-1222, carried from weeks to hours: past
values count less the older they are and the further they stand above the fit (weights of squared
residuals above 2.58), and an overdispersion is estimated instead of assumed. The seasonal part is
ours: each hour of the week is drawn to the product of its hour of the day and its day of the week
until it has weeks of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from service.domain.alert import STEP

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HOUR = 4
"""Buckets of an hour."""

DAY = 24 * HOUR
WEEK = 7 * DAY

KEEP = 8 * WEEK
"""Buckets of history that are looked at."""

_HALF_LIFE = 4 * WEEK
_PSEUDO_WEEKS = 2.0
_PSEUDO_COUNT = 8.0
_OUTLIER = 2.58
_ROUNDS = 3
_LEAST_SPREAD = 0.02
_LEVEL_RANGE = (0.5, 3.0)


class Baseline(NamedTuple):
    """`profile[i]` is the expected count of bucket i of the week (local time, Monday first),
    `level` how much of it the last week had, `spread` the excess variance (variance = mean +
    spread x mean squared), `weeks` how much history stands behind it."""

    profile: FloatArray
    level: float
    spread: float
    weeks: float

    def expected(self, slots: IntArray) -> FloatArray:
        """Expected counts of buckets by their place in the week."""
        return self.profile[slots] * self.level


def slots_of(start: datetime, count: int, zone: ZoneInfo) -> IntArray:
    """The place in the local week of `count` buckets from `start` on."""
    return np.fromiter(
        (_slot((start + number * STEP).astimezone(zone)) for number in range(count)),
        dtype=np.int64,
        count=count,
    )


def floor_step(at: datetime) -> datetime:
    """The last moment a bucket ended, at or before `at`."""
    passed = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return at.astimezone(UTC) - passed % STEP


def fit(counts: IntArray, slots: IntArray, totals: IntArray | None = None) -> Baseline:
    """The baseline of a history, oldest bucket first; both arrays have shape (n,).

    Args:
        totals: voices of all cases; then the profile is one share, to be multiplied by totals.
    """
    hours, hour_slots = _by_hour(counts[-KEEP:], slots[-KEEP:])
    if len(hours) == 0:
        return Baseline(np.zeros(WEEK), 1.0, 1.0, 0.0)
    if totals is not None:
        whole, _ = _by_hour(totals[-KEEP:], slots[-KEEP:])
        return _fit_share(hours, whole)
    return _fit_counts(hours, hour_slots)


def _fit_counts(hours: FloatArray, slots: IntArray) -> Baseline:
    aged = _aged(len(hours))
    weights, spread, rates = aged, 0.1, np.zeros(168)
    for _ in range(_ROUNDS):
        rates = _rates(hours, slots, weights)
        mean = np.maximum(rates[slots], 1e-3)
        spread = _spread(hours, mean, weights)
        weights = aged * _trust(hours, mean, spread)
    return Baseline(_smooth(rates), _level(hours, rates[slots], weights), spread, _weeks(hours))


def _fit_share(hours: FloatArray, whole: FloatArray) -> Baseline:
    aged = _aged(len(hours))
    weights, spread, share = aged, 0.1, 0.2
    for _ in range(_ROUNDS):
        seen, of = float(weights @ hours), float(weights @ whole)
        share = (seen + 0.2 * _PSEUDO_COUNT) / (of + _PSEUDO_COUNT)
        mean = np.maximum(share * whole, 1e-3)
        spread = _spread(hours, mean, weights)
        weights = aged * _trust(hours, mean, spread)
    return Baseline(np.full(WEEK, min(share, 1.0)), 1.0, spread, _weeks(hours))


def _rates(hours: FloatArray, slots: IntArray, weights: FloatArray) -> FloatArray:
    """Counts an hour of each of the 168 hours of the week."""
    seen = np.bincount(slots, weights * hours, 168)
    weight = np.bincount(slots, weights, 168)
    of_day = seen.reshape(7, 24).sum(0) / np.maximum(weight.reshape(7, 24).sum(0), 1e-9)
    of_day += 1e-3
    wanted = (weight.reshape(7, 24) * of_day).sum(1)
    day = (seen.reshape(7, 24).sum(1) + _PSEUDO_COUNT) / (wanted + _PSEUDO_COUNT)
    prior = (day[:, None] * of_day[None, :]).ravel()
    return np.asarray((seen + _PSEUDO_WEEKS * prior) / (weight + _PSEUDO_WEEKS))


def _spread(hours: FloatArray, mean: FloatArray, weights: FloatArray) -> float:
    """Excess variance by moments, single residuals cut at three deviations."""
    error = np.minimum((hours - mean) ** 2, 9 * (mean + 0.3 * mean**2))
    found = float(weights @ (error - mean) / max(float(weights @ mean**2), 1e-9))
    return float(np.clip(found, _LEAST_SPREAD, 2.0))


def _trust(hours: FloatArray, mean: FloatArray, spread: float) -> FloatArray:
    """Less than 1 for what stands far above the fit: outbreaks of the past."""
    residual = 2 * (np.sqrt(hours + 0.375) - np.sqrt(mean + 0.375)) / np.sqrt(1 + spread * mean)
    return np.asarray((_OUTLIER / np.maximum(residual, _OUTLIER)) ** 2)


def _level(hours: FloatArray, mean: FloatArray, weights: FloatArray) -> float:
    """What the last week had of what its hours had on average: growth, slow or sudden."""
    last = slice(-168, None)
    found = (weights[last] @ hours[last] + _PSEUDO_COUNT) / (
        weights[last] @ mean[last] + _PSEUDO_COUNT
    )
    return float(np.clip(found, *_LEVEL_RANGE))


def _smooth(rates: FloatArray) -> FloatArray:
    """Per bucket, on straight lines between the middles of the hours."""
    middles = np.arange(168) + 0.5
    places = (np.arange(WEEK) + 0.5) / HOUR
    return np.asarray(np.interp(places, middles, rates, period=168)) / HOUR


def _by_hour(counts: IntArray, slots: IntArray) -> tuple[FloatArray, IntArray]:
    """Whole local hours."""
    if len(counts) == 0:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    first = int(-slots[0] % HOUR)
    whole = (len(counts) - first) // HOUR * HOUR
    summed = counts[first : first + whole].reshape(-1, HOUR).sum(1).astype(np.float64)
    return summed, slots[first : first + whole : HOUR] // HOUR


def _aged(hours: int) -> FloatArray:
    age = np.arange(hours, dtype=np.float64)[::-1]
    return np.asarray(0.5 ** (age * HOUR / _HALF_LIFE))


def _weeks(hours: FloatArray) -> float:
    return len(hours) / 168


def _slot(local: datetime) -> int:
    minutes = local.hour * 60 + local.minute
    return local.weekday() * DAY + minutes // int(STEP / timedelta(minutes=1))
