"""Intervals of 95 %: Wilson's for shares, the bootstrap's for anything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.domain.quality import Estimate

_Z = 1.959964
RESAMPLES = 1000
LEAST = 5
"""Values below which a mean or a median gets no interval."""

Floats = NDArray[np.float64]


def share(hits: int, n: int, *, dispersion: float = 1.0) -> Estimate:
    """Wilson's score interval (1927); nothing where `n` is 0. A dispersion above 1 says how many
    draws are worth one: then it is of that many fewer."""
    if not n:
        return Estimate(value=None, low=None, high=None, n=0)
    rate, each = hits / n, dispersion / n
    spread = _Z * _Z * each
    middle = (rate + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(rate * (1 - rate) * each + spread * each / 4)
    low, high = max(0.0, min(middle - half, rate)), min(1.0, max(middle + half, rate))
    return Estimate(value=rate, low=low, high=high, n=n)


def median(values: Sequence[float], seed: int) -> Estimate:
    """The median with a percentile bootstrap (Efron 1979)."""
    return _bootstrapped(values, np.median, seed)


def mean(values: Sequence[float], seed: int) -> Estimate:
    """The mean with a percentile bootstrap."""
    return _bootstrapped(values, np.mean, seed)


def _bootstrapped(values: Sequence[float], figure: Callable[..., Any], seed: int) -> Estimate:
    n = len(values)
    if not n:
        return Estimate(value=None, low=None, high=None, n=0)
    given = np.asarray(values, dtype=np.float64)
    value = float(figure(given))
    if n < LEAST:
        return Estimate(value=value, low=None, high=None, n=n)
    drawn = given[np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))]
    low, high = np.percentile(figure(drawn, axis=1), (2.5, 97.5))
    return Estimate(value=value, low=float(low), high=float(high), n=n)
