"""Intervals and tests for measures on the same cases; the seed is an argument."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 2000
_Z95 = 1.959963984540054


def wilson(successes: float, n: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion (Wilson 1927); honest at 0 and 1."""
    if n == 0:
        return 0.0, 1.0
    p, z2 = successes / n, _Z95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap_mean(values: Floats, *, seed: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """95 % percentile bootstrap interval of a mean; with paired differences, of their mean."""
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, len(values), size=(resamples, len(values)))
    low, high = np.quantile(values[rows].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def bootstrap_of(
    statistic: Callable[[NDArray[np.int64]], float], n: int, *, seed: int, resamples: int
) -> tuple[float, float]:
    """95 % percentile bootstrap interval of any statistic of resampled row numbers."""
    generator = np.random.default_rng(seed)
    values = [statistic(generator.integers(0, n, size=n)) for _ in range(resamples)]
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def mcnemar(lost: int, gained: int) -> float:
    """Exact two-sided McNemar p from the discordant counts; 1 when there are none."""
    from scipy.stats import binomtest

    if lost + gained == 0:
        return 1.0
    return float(binomtest(min(lost, gained), lost + gained, 0.5).pvalue)
