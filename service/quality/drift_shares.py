"""Whether shares moved beyond what their own days vary by.

A log-likelihood ratio of two groups (Wilks 1938), divided by the dispersion of the days within each
group and read on F (McCullagh & Nelder 1989, section 4.5): a community's days differ more than
draws from one urn do, and a test that does not know it cries wolf. Of an ordered measure the
distance of Kolmogorov and Smirnov, its sample sizes divided by the same dispersion (Rao & Scott
1981); on bins it errs to the calm side. Adjusted for many tests after Holm (1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, kolmogorov

from service.quality.intervals import Floats

Counts = NDArray[np.int64]


class Moved(NamedTuple):
    """Of every key, shape (keys,): shares before and now, effect, tail probability, dispersion."""

    before: Floats
    after: Floats
    effect: Floats
    p: Floats
    dispersion: Floats


def moved(counts: Counts, recent: int) -> Moved:
    """Each key's share in the last `recent` blocks against those before.

    Args:
        counts: voices by key and block, shape (keys, blocks), oldest first; both parts hold some.
    """
    return _moved(counts, counts.sum(0), recent)


def moved_curve(counts: Counts, recent: int) -> Moved:
    """The same of the running sums over keys in their order: what lies at or below each key. Every
    key's p is that of the greatest distance, were it there; `effect` is the distance."""
    found = _moved(counts.cumsum(0), counts.sum(0), recent)
    n, m = counts[:, -recent:].sum(), counts[:, :-recent].sum()
    effect = np.abs(found.after - found.before)
    size = n * m / (n + m) / found.dispersion
    return found._replace(effect=effect, p=np.asarray(kolmogorov(np.sqrt(size) * effect)))


def holm(p: Sequence[float]) -> Floats:
    """Adjusted tail probabilities, in the order given."""
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    steps = given[order] * (len(given) - np.arange(len(given)))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted


def _moved(hits: Counts, totals: Counts, recent: int) -> Moved:
    parts = (slice(None, -recent), slice(-recent, None))
    seen = np.stack([hits[:, part].sum(1) for part in parts])
    of = np.array([[totals[part].sum()] for part in parts], dtype=np.float64)
    shares = seen / of
    dispersion, freedom = _dispersion(hits, totals, shares, parts)
    ratio = _ratio(seen, of) / dispersion
    before, after = shares
    effect = np.abs(2 * np.arcsin(np.sqrt(after)) - 2 * np.arcsin(np.sqrt(before)))
    p = np.asarray(fdtrc(1, max(freedom, 1), ratio))
    return Moved(before, after, effect, p, dispersion)


def _ratio(seen: Floats, of: Floats) -> Floats:
    """Twice the log-likelihood gained by a share for each part; shape (keys,)."""
    pooled = seen.sum(0) / of.sum()
    return np.asarray(
        2 * (_term(seen, of * pooled) + _term(of - seen, of * (1 - pooled))).sum(0)
    ).clip(0)


def _term(seen: Floats, expected: Floats) -> Floats:
    """`seen` times the log of seen by expected, 0 where nothing was seen."""
    safe = np.where(seen > 0, expected, 1.0)
    return np.asarray(seen * np.log(np.where(seen > 0, seen, 1.0) / safe))


def _dispersion(
    hits: Counts, totals: Counts, shares: Floats, parts: tuple[slice, slice]
) -> tuple[Floats, int]:
    """Pearson's, of blocks around their own part's share, at least 1; and degrees of freedom."""
    error, freedom = np.zeros(len(hits)), 0
    for share, part in zip(shares, parts, strict=True):
        filled = totals[part] > 0
        of = totals[part][filled]
        spread = np.maximum(share * (1 - share), 1e-9)[:, None] * of
        error += ((hits[:, part][:, filled] - share[:, None] * of) ** 2 / spread).sum(1)
        freedom += max(0, int(filled.sum()) - 1)
    return np.maximum(1.0, error / max(freedom, 1)), freedom
