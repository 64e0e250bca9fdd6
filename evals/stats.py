"""Intervals and tests for measures on the same cases; the seed is an argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 2000
ALPHA = 0.05
"""Chance of any false alarm in a family of tests."""

_Z95 = 1.959963984540054


class Spread(NamedTuple):
    """95 % interval and standard error."""

    low: float
    high: float
    error: float


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
) -> Spread:
    """Any statistic of resampled row numbers: 95 % percentile interval and standard error."""
    generator = np.random.default_rng(seed)
    values = [statistic(generator.integers(0, n, size=n)) for _ in range(resamples)]
    low, high = np.quantile(values, (0.025, 0.975))
    return Spread(float(low), float(high), float(np.std(values)))


def fall_of_mean(gains: Floats, *, seed: int, resamples: int = RESAMPLES) -> float:
    """One-sided p that paired gains have so low a mean by chance: bootstrap of the centred gains
    (Davison and Hinkley 1997, 4.4)."""
    observed = gains.mean()
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, len(gains), size=(resamples, len(gains)))
    by_chance = (gains - observed)[rows].mean(axis=1)
    return float((1 + (by_chance <= observed).sum()) / (1 + resamples))


def fall_of_share(lost: int, gained: int) -> float:
    """One-sided exact McNemar p that so many more are lost than gained by chance."""
    return _tail(gained, lost + gained)


def fall_of_total(difference: float, error: float) -> float:
    """One-sided p of a difference with a bootstrap standard error, by the normal curve."""
    from scipy.stats import norm

    return float(norm.cdf(difference / error)) if error else float(difference >= 0)


def holm(chances: Sequence[float], alpha: float = ALPHA) -> list[bool]:
    """Which of a family of tests stand when the chance of any false one is to be `alpha`, however
    they depend on each other (Holm 1979)."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    standing = [False] * len(chances)
    for passed, index in enumerate(order):
        if chances[index] > alpha / (len(chances) - passed):
            break
        standing[index] = True
    return standing


def mcnemar(lost: int, gained: int) -> float:
    """Exact two-sided McNemar p from the discordant counts; 1 when there are none."""
    return min(1.0, 2 * _tail(min(lost, gained), lost + gained))


def _tail(few: int, of: int) -> float:
    """Chance of at most so many heads of a fair coin thrown so often."""
    return float(sum(comb(of, heads) for heads in range(few + 1)) / 2**of)
