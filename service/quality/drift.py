"""What moved: every measure's last day and week against the weeks before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import log10
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.domain.drift import DAY, ORDERED, Cause, Counted, Measure, Move, Shift, Window
from service.domain.quality import Estimate
from service.quality.drift_shares import Counts, Moved, holm, moved, moved_curve
from service.quality.intervals import Floats, share

REFERENCE = 28
"""Blocks of the reference at most."""

LEAST_REFERENCE = 7
"""Blocks without which nothing is compared, and how long after a change people made its own time
becomes the reference."""

BLOCKS = REFERENCE + Window.WEEK.days
"""Blocks that are looked at in all."""

LEAST, LEAST_BEFORE = 50, 200
"""Voices of the recent time and of the reference without which nothing is compared."""

ALPHA = 0.01
"""Greatest adjusted tail probability of an alarm, over all keys of one run."""

LEVELS: Mapping[bool, tuple[float, float, float]] = {
    False: (0.15, 0.3, 0.6),
    True: (0.1, 0.2, 0.4),
}
"""Least effect of each level, of names and of ordered measures: in a large community everything is
beyond chance, and a small effect is no news."""

MOST_MOVES = 5
_LEAST_P = 1e-300


class _Test(NamedTuple):
    """One comparison before adjustment; row i of `found` belongs to `keys[i]`."""

    counted: Counted
    window: Window
    blocks: int
    keys: tuple[str, ...]
    counts: Counts
    found: Moved


def scan(
    counted: Sequence[Counted],
    changes: Sequence[Cause] = (),
    known: Mapping[Measure, datetime] | None = None,
) -> tuple[Shift, ...]:
    """A shift, perhaps a calm one, of every measure and window that holds enough.

    Args:
        changes: what people put into production; `known` is since when a person knows how a
            measure moved: nothing before it is compared with.
    """
    tests = [test for one in counted for test in _tests(one, changes, (known or {}))]
    adjusted = holm([p for test in tests for p in test.found.p])
    shifts, at = [], 0
    for test in tests:
        shifts.append(_shift(test, adjusted[at : at + len(test.keys)]))
        at += len(test.keys)
    return tuple(shifts)


def causes_of(shift: Shift, changes: Sequence[Cause]) -> tuple[Cause, ...]:
    """Changes within the recent time or so shortly before it that the reference is older; newest
    first."""
    since = shift.since - LEAST_REFERENCE * DAY
    fit = [one for one in changes if since <= one.at <= shift.until]
    return tuple(sorted((one for one in fit if shift.measure in one.touches), key=_newest))


def _newest(cause: Cause) -> tuple[float, str]:
    return -cause.at.timestamp(), cause.promotion_id


def _tests(
    counted: Counted, changes: Sequence[Cause], known: Mapping[Measure, datetime]
) -> Iterator[_Test]:
    keys = tuple(sorted(counted.counts))
    if len(keys) < 2:  # whatever there is, it is all of it
        return
    counts = np.array([counted.counts[key] for key in keys], dtype=np.int64)
    for window in Window:
        blocks = _reference(counted, window, counts.shape[1], changes, known)
        part = counts[:, -(blocks + window.days) :]
        if blocks < LEAST_REFERENCE or not _enough(part, window.days):
            continue
        yield _tested(counted, window, blocks, keys, part)


def _tested(
    counted: Counted, window: Window, blocks: int, keys: tuple[str, ...], counts: Counts
) -> _Test:
    if counted.measure in ORDERED:
        # Everything lies below the last key: no test.
        found = Moved(*(one[:-1] for one in moved_curve(counts, window.days)))
        best = int(found.effect.argmax())
        only = Moved(*(one[best : best + 1] for one in found))
        return _Test(counted, window, blocks, keys[best : best + 1], counts, only)
    found = moved(counts, window.days)
    if len(keys) == 2:  # one share says what the other does
        keys, found = keys[:1], Moved(*(one[:1] for one in found))
    return _Test(counted, window, blocks, keys, counts, found)


def _reference(
    counted: Counted,
    window: Window,
    held: int,
    changes: Sequence[Cause],
    known: Mapping[Measure, datetime],
) -> int:
    """Blocks to compare with: since the last change that has a time of its own."""
    end = counted.until - window.days * DAY
    start = end - min(REFERENCE, held - window.days) * DAY
    settled = end - LEAST_REFERENCE * DAY
    for one in changes:
        if counted.measure in one.touches and one.at <= settled:
            start = max(start, one.at)
    start = max(start, known.get(counted.measure, start))
    return max(0, (end - start) // DAY)


def _enough(counts: Counts, recent: int) -> bool:
    of = counts.sum(0)
    before = of[:-recent]
    filled = (before > 0).sum() >= LEAST_REFERENCE
    return bool(filled and of[-recent:].sum() >= LEAST and before.sum() >= LEAST_BEFORE)


def _shift(test: _Test, adjusted: Floats) -> Shift:
    bounds = LEVELS[test.counted.measure in ORDERED]
    beyond = (adjusted <= ALPHA) & (test.found.effect >= bounds[0])
    best = int(np.lexsort((test.found.effect, beyond))[-1])
    effect = float(test.found.effect[best])
    days, of = test.window.days, test.counts.sum(0)
    since = test.counted.until - days * DAY
    return Shift(
        measure=test.counted.measure,
        window=test.window,
        since=since,
        until=test.counted.until,
        reference_since=since - test.blocks * DAY,
        n=int(of[-days:].sum()),
        n_reference=int(of[:-days].sum()),
        effect=round(effect, 4),
        surprise=round(-log10(max(_LEAST_P, float(adjusted[best]))), 2) + 0.0,
        level=sum(effect >= bound for bound in bounds) if beyond[best] else 0,
        moves=_moves(test, beyond),
    )


def _moves(test: _Test, beyond: NDArray[np.bool_]) -> tuple[Move, ...]:
    order = np.argsort(-test.found.effect, kind="stable")
    shown = [int(place) for place in order if beyond[place]][:MOST_MOVES]
    of, days = test.counts.sum(0), test.window.days
    after, before = int(of[-days:].sum()), int(of[:-days].sum())
    return tuple(
        Move(
            key=test.keys[place],
            before=_share(test.found.before[place], before, test.found.dispersion[place]),
            after=_share(test.found.after[place], after, test.found.dispersion[place]),
        )
        for place in shown
    )


def _share(rate: float, n: int, dispersion: float) -> Estimate:
    return share(round(rate * n), n, dispersion=dispersion)
