"""Replaying a stream through the drift alarms, hour by hour, beside the usual rules of thumb."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from evals.bench.drift_stream import DAY, WEEK, FloatArray, IntArray, Stream
from service.domain.drift import QUIET, Counted, Measure, Window
from service.quality.drift import BLOCKS, LEAST, LEAST_BEFORE, REFERENCE, scan

START = datetime(2026, 1, 1, tzinfo=UTC)
MERGE = QUIET // timedelta(hours=1)
FIRST = BLOCKS * DAY
"""The first hour that is judged: both windows then have a whole reference."""


class Blocks(NamedTuple):
    """What a judge sees at one hour: voices by key and day, oldest first, of every measure."""

    at: datetime
    keys: Mapping[Measure, tuple[str, ...]]
    counts: Mapping[Measure, IntArray]


Judge = Callable[[Blocks], Collection[Measure]]
"""Says which measures alarm."""

Distance = Callable[[FloatArray, FloatArray], float]
"""Of the counts of the reference and of the recent time, shape (keys,) each."""


class Tally(NamedTuple):
    """Alarms over so many weeks, and hours from the change to the first one it explains."""

    alarms: int
    weeks: float
    delay: float | None


def ours(blocks: Blocks) -> Collection[Measure]:
    """The production engine."""
    counted = [
        Counted(
            measure=measure,
            until=blocks.at,
            counts=dict(zip(blocks.keys[measure], map(tuple, counts.tolist()), strict=True)),
        )
        for measure, counts in blocks.counts.items()
    ]
    return {shift.measure for shift in scan(counted) if shift.level}


def above(limit: float, distance: Distance) -> Judge:
    """Alarms where either window's distance from its reference is above a limit."""

    def judge(blocks: Blocks) -> Collection[Measure]:
        return {one for one, before, after in _pairs(blocks) if distance(before, after) > limit}

    return judge


def psi(before: FloatArray, after: FloatArray) -> float:
    """The population stability index, as scorecards are watched by."""
    p, q = _shares(before), _shares(after)
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(before: FloatArray, after: FloatArray) -> float:
    """The square root of the Jensen-Shannon divergence in bits."""
    p, q = _shares(before), _shares(after)
    middle = (p + q) / 2
    divergence = (p * np.log2(p / middle) + q * np.log2(q / middle)).sum() / 2
    return float(np.sqrt(max(0.0, divergence)))


def chi_square(before: FloatArray, after: FloatArray) -> float:
    """-log10 of the tail probability of Pearson's test of homogeneity."""
    table = np.stack([before, after])[:, before + after > 0]
    wanted = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    p = chdtrc(max(1, table.shape[1] - 1), ((table - wanted) ** 2 / wanted).sum())
    return float(-np.log10(max(p, 1e-300)))


def false_alarms(stream: Stream, judge: Judge, step: int = 1) -> Tally:
    """Alarms of a stream without a change; of one measure a day apart or less they are one."""
    last, alarms = dict[Measure, int](), 0
    for hour, blocks in _hours(stream, FIRST, stream.hours, step):
        for one in judge(blocks):
            alarms += hour - last.get(one, -MERGE - 1) > MERGE
            last[one] = hour
    return Tally(alarms, (stream.hours - FIRST) / WEEK, None)


def delay(stream: Stream, judge: Judge, measure: Measure) -> Tally:
    """Hours to the first alarm of the measure a change moves, within a week after it."""
    changed = stream.injected.at if stream.injected else FIRST
    for hour, blocks in _hours(stream, changed + 1, changed + WEEK, 1):
        if measure in judge(blocks):
            return Tally(0, 0.0, float(hour - changed))
    return Tally(0, 1.0, None)


def _hours(stream: Stream, first: int, last: int, step: int) -> Iterator[tuple[int, Blocks]]:
    keys = {one: found[0] for one, found in stream.counts.items()}
    sums = {one: _running(found[1]) for one, found in stream.counts.items()}
    for hour in range(first, last + 1, step):
        edges = hour - DAY * np.arange(BLOCKS + 1)[::-1]
        counts = {one: np.diff(found[:, edges], axis=1) for one, found in sums.items()}
        yield hour, Blocks(START + timedelta(hours=hour), keys, counts)


def _running(counts: IntArray) -> IntArray:
    return np.concatenate([np.zeros((len(counts), 1), dtype=np.int64), counts.cumsum(1)], axis=1)


def _pairs(blocks: Blocks) -> Iterator[tuple[Measure, FloatArray, FloatArray]]:
    """Reference and recent time of both windows, where ours would compare them as well."""
    for measure, counts in blocks.counts.items():
        for window in Window:
            after = counts[:, -window.days :].sum(1).astype(np.float64)
            before = counts[:, -window.days - REFERENCE : -window.days].sum(1).astype(np.float64)
            if after.sum() >= LEAST and before.sum() >= LEAST_BEFORE:
                yield measure, before, after


def _shares(counts: FloatArray) -> FloatArray:
    return np.asarray((counts + 0.5) / (counts + 0.5).sum())
