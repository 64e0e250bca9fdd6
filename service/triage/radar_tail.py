"""How unlikely a window is, and how grave that makes it."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc

from service.triage.radar_baseline import DAY, HOUR, WEEK, Baseline, FloatArray, IntArray

WINDOWS = (HOUR // 2, HOUR)
"""Lengths of the windows that are judged, buckets: a strong spike shows in half an hour."""

SURPRISE = 2.0
"""-log10 of the tail probability under which no window is an anomaly; found on tuning seeds."""

OWN_MARGIN = 0.3
"""An anomaly stands so far above the community's own usual worst of a week."""

MANY_MARGIN = 1.5
"""The same for one of many series watched together, categories and themes, on top."""

LEAST_EXCESS = 5.0
"""Voices above the expectation without which nothing is an anomaly, however rare."""

MIN_AUTHORS = 4
"""Distinct authors without whom nothing is an anomaly: one person is no crisis."""

LEVELS: tuple[tuple[float, int, float], ...] = (
    (2.0, MIN_AUTHORS, 0.0),
    (3.0, 6, 0.02),
    (5.0, 10, 0.05),
    (8.0, 20, 0.12),
)
"""What each level takes: times the baseline, distinct authors, share of the week's voices a day."""

_YOUNG_WEEKS = 2.0
_YOUNG_SPREAD = 1.0
_PRIOR_COUNT = 1.0
_TODAY = 8 * HOUR
_LAG = HOUR + HOUR // 2
_TODAY_PSEUDO = 6.0
_TODAY_MOST = 3.0
_DRIFT_SLACK, _DRIFT_LIMIT, _DRIFT_CAP, _DRIFT_SPAN = 1.25, 14.0, 3.0, 2 * DAY


def judge(
    counts: IntArray, means: FloatArray, baseline: Baseline, ends: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    """Of the windows that end before bucket `ends[i]`, the most surprising.

    Args:
        counts, means: buckets and their expectation, shape (n,).

    Returns:
        observed, expected, surprise (-log10 p) and length in buckets, each of the shape of `ends`.
    """
    seen, wanted = _cumulated(counts), _cumulated(means)
    today = _today(seen, wanted, ends)
    rows = [_window(seen, wanted, today, baseline, ends, length) for length in WINDOWS]
    stacked = np.stack([np.stack(row) for row in rows])
    best = stacked[:, 2].argmax(0)
    chosen = stacked[best, :, np.arange(len(ends))].T
    return chosen[0], chosen[1], chosen[2], np.asarray(WINDOWS)[best]


def drift(counts: IntArray, means: FloatArray, baseline: Baseline) -> float:
    """Upper CUSUM over the last two days' hours, as a share of its limit (Page 1954; for counts
    Rossi, Lampugnani & Marchi 1999: standardised by a variance-stabilising root)."""
    end = len(counts) // HOUR * HOUR
    start = max(0, end - _DRIFT_SPAN)
    hours = counts[start:end].reshape(-1, HOUR).sum(1)
    mean = means[start:end].reshape(-1, HOUR).sum(1)
    spread = _spread_of(baseline, mean)
    residual = 2 * (np.sqrt(hours + 0.375) - np.sqrt(mean + 0.375)) / np.sqrt(1 + spread * mean)
    total = 0.0
    for step in np.minimum(residual, _DRIFT_CAP) - _DRIFT_SLACK:
        total = max(0.0, total + float(step))
    return total / _DRIFT_LIMIT


def limit_of(counts: IntArray, means: FloatArray, baseline: Baseline) -> float:
    """The surprise from which this series is anomalous: the median of what its past weeks had at
    most, so that heavy tails no distribution fits are paid for by the series that has them."""
    weeks = len(counts) // WEEK
    if weeks < 2:
        return SURPRISE + OWN_MARGIN
    first = len(counts) - weeks * WEEK
    levelled = _levelled(counts[first:], means[first:], weeks)
    ends = np.arange(weeks * WEEK) + 1
    _, _, surprise, _ = judge(counts[first:], levelled, baseline, ends)
    worst = surprise.reshape(weeks, WEEK).max(1)
    return max(SURPRISE, float(np.median(worst)) + OWN_MARGIN)


def level_of(observed: float, expected: float, excess: float, authors: int, daily: float) -> int:
    """0 to 4, by ratio and reach together.

    Args:
        excess: surprise above the series' limit.
        daily: voices of an ordinary day, against which the reach is weighed.
    """
    if excess < 0 or observed - expected < LEAST_EXCESS:
        return 0
    ratio = observed / max(expected, 0.5)
    met = [
        number
        for number, (times, people, share) in enumerate(LEVELS, start=1)
        if ratio >= times and authors >= max(people, share * daily)
    ]
    return max(met, default=0)


def _levelled(counts: IntArray, means: FloatArray, weeks: int) -> FloatArray:
    """Expectations at the level each week had when it came: that of the week before it."""
    seen = counts.reshape(weeks, WEEK).sum(1) + 1.0
    wanted = means.reshape(weeks, WEEK).sum(1) + 1.0
    level = (seen / wanted)[np.maximum(np.arange(weeks) - 1, 0)]
    return np.asarray((means.reshape(weeks, WEEK) * level[:, None]).ravel())


def _window(
    seen: FloatArray, wanted: FloatArray, today: FloatArray, baseline: Baseline,
    ends: IntArray, length: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:  # fmt: skip
    starts = np.maximum(ends - length, 0)
    observed = seen[ends] - seen[starts]
    expected = (wanted[ends] - wanted[starts]) * today
    spread = _spread_of(baseline, expected)
    mean = np.maximum(expected, 0.05)
    size = 1 / spread
    tail = betainc(np.maximum(observed, 1e-9), size, spread * mean / (1 + spread * mean))
    tail = np.where(observed < 1, 1.0, tail)
    return observed, expected, -np.log10(np.maximum(tail, 1e-300))


def _spread_of(baseline: Baseline, expected: FloatArray) -> FloatArray:
    """The estimated spread, what is not known of the mean itself, and a wide prior while the
    history is short."""
    seen = (baseline.weeks + 1) * expected + _PRIOR_COUNT
    young = _YOUNG_SPREAD * max(0.0, 1 - baseline.weeks / _YOUNG_WEEKS)
    return np.asarray(baseline.spread + 1 / seen + young)


def _today(seen: FloatArray, wanted: FloatArray, ends: IntArray) -> FloatArray:
    """How much livelier than usual the hours before the window were: a holiday, a live event.
    Never below one, and without the last ninety minutes, so that no spike excuses itself."""
    until = np.maximum(ends - _LAG, 0)
    since = np.maximum(until - _TODAY, 0)
    found = (seen[until] - seen[since] + _TODAY_PSEUDO) / (
        wanted[until] - wanted[since] + _TODAY_PSEUDO
    )
    return np.asarray(np.clip(found, 1.0, _TODAY_MOST))


def _cumulated(values: IntArray | FloatArray) -> FloatArray:
    return np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
