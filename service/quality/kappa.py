"""Cohen's kappa (1960) and its weighted form (1968), with bootstrap intervals.

Resampling pairs is drawing their confusion matrix from a multinomial, so a thousand resamples are
one call.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.domain.labelling import Scale
from service.domain.quality import Estimate
from service.quality.intervals import RESAMPLES, Floats

LEAST = 20
"""Pairs below which nothing is said: the interval would cover nearly everything."""

_MOST_UNDEFINED = 0.05
"""Share of resamples without a kappa above which there is no interval to trust."""


def kappa(pairs: Sequence[tuple[int, int]], scale: Scale, *, seed: int) -> Estimate:
    """Agreement beyond chance, 1 at best. Undefined (None, never zero) below `LEAST` pairs and
    where both sides only ever gave one and the same value; squared weights on three values."""
    n = len(pairs)
    counts = _confusion(pairs, scale)
    value = _kappas(counts[None])[0] if n >= LEAST else np.nan
    if np.isnan(value):
        return Estimate(value=None, low=None, high=None, n=n)
    low, high = _interval(counts, n, seed)
    return Estimate(value=float(value), low=low, high=high, n=n)


def _confusion(pairs: Sequence[tuple[int, int]], scale: Scale) -> Floats:
    size = len(scale.values)
    counts = np.zeros((size, size))
    for one, other in pairs:
        counts[one - 1, other - 1] += 1
    return counts


def _interval(counts: Floats, n: int, seed: int) -> tuple[float | None, float | None]:
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n, counts.ravel() / n, RESAMPLES).reshape(-1, *counts.shape)
    found = _kappas(drawn.astype(np.float64))
    if np.isnan(found).mean() > _MOST_UNDEFINED:
        return None, None
    low, high = np.nanpercentile(found, (2.5, 97.5))
    return float(low), float(high)


def _kappas(counts: Floats) -> Floats:
    """Of each matrix; NaN where chance leaves nothing to disagree about."""
    size = counts.shape[-1]
    steps = np.arange(size, dtype=np.float64)
    weights = np.subtract.outer(steps, steps) ** 2
    rows, columns = counts.sum(2), counts.sum(1)
    total = counts.sum((1, 2))[:, None, None]
    chance = rows[:, :, None] * columns[:, None, :] / np.maximum(total, 1)
    expected = (weights * chance).sum((1, 2))
    seen: Floats = (weights * counts).sum((1, 2))
    undefined = np.full_like(seen, np.nan)
    found: Floats = 1 - np.divide(seen, expected, out=undefined, where=expected > 0)
    return found
