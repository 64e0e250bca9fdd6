"""Made communities for the radar: months of messages with a known rhythm and known disturbances.

A message is a bucket (quarter of an hour) and an author. Disturbances are labelled: a `spike` of
many authors must be found, a `flood` of one author must not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HOUR, DAY, WEEK = 4, 96, 672
"""Lengths in buckets; bucket 0 is a Monday's midnight in local time."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class Spike(NamedTuple):
    """An event: from `start` (in buckets, with a fraction) for `length` buckets, `size` messages in
    its first hour beyond the ordinary, each of another author."""

    start: float
    length: int
    size: int
    shape: str


@dataclass(frozen=True)
class Community:
    """One made series. `people` holds the author of each message, `buckets` its bucket, sorted;
    `length` is in buckets, those from `first_test` on are judged."""

    name: str
    kind: str
    first_test: int
    buckets: IntArray
    people: IntArray
    spikes: tuple[Spike, ...]
    floods: tuple[int, ...]
    length: int


@dataclass(frozen=True)
class Plan:
    """What a community is like. `per_hour` is the mean rate of its messages."""

    name: str
    kind: str
    per_hour: float
    population: int
    spread: float = 0.15
    night: float = 0.08
    weekend: float = 1.3
    growth: float = 0.0
    holidays: int = 0
    weeks: int = 12
    test_weeks: int = 4
    spikes: int = 4
    floods: int = 3


Rhythm = Callable[[np.random.Generator, Plan, FloatArray], tuple[IntArray, IntArray]]
"""Makes the ordinary messages, buckets and authors, around a rate for every bucket."""

PLANS = (
    Plan("tiny", "low", 0.15, 40, spikes=3),
    Plan("quiet", "low", 0.8, 150, spread=0.3),
    Plan("ordinary", "mid", 6, 900),
    Plan("ordinary_wild", "mid", 6, 900, spread=0.5),
    Plan("night_owls", "mid", 10, 1200, night=0.5, weekend=0.7),
    Plan("growing", "mid", 8, 1500, growth=0.08),
    Plan("holidays", "mid", 12, 1500, holidays=3),
    Plan("busy", "high", 60, 8000, spread=0.1),
    Plan("busy_growing", "high", 40, 6000, growth=0.05, spread=0.2),
    Plan("busy_holidays", "high", 80, 9000, holidays=2, spread=0.1),
    Plan("young", "mid", 6, 800, weeks=4, test_weeks=3),
    Plan("newborn", "mid", 5, 600, weeks=2, test_weeks=1, spikes=2, floods=1),
)

_SHAPES = ("step", "ramp", "burst")
_TIMES = (4, 6, 10)
_LEAST = 10
"""A spike makes four, six or ten times of what its hour usually has, of at least ten people."""


def make(plan: Plan, seed: int, rhythm: Rhythm | None = None) -> Community:
    """The community of a plan; the same seed gives the same messages."""
    draw = np.random.default_rng([seed, *plan.name.encode()])
    first = (plan.weeks - plan.test_weeks) * WEEK
    rate = plan.per_hour / HOUR * shape_of(draw, plan)
    buckets, people = (rhythm or seasonal)(draw, plan, rate)
    spikes, floods = _disturbances(draw, plan, first, rate)
    extra = [_spike(draw, spike, plan) for spike in spikes] + [_flood(draw, at) for at in floods]
    buckets = np.concatenate([buckets, *(one for one, _ in extra)])
    people = np.concatenate([people, *(one for _, one in extra)])
    inside = buckets < plan.weeks * WEEK
    order = np.argsort(buckets[inside], kind="stable")
    return Community(
        name=plan.name,
        kind=plan.kind,
        first_test=first,
        buckets=buckets[inside][order],
        people=people[inside][order],
        spikes=spikes,
        floods=floods,
        length=plan.weeks * WEEK,
    )


def seasonal(draw: np.random.Generator, plan: Plan, rate: FloatArray) -> tuple[IntArray, IntArray]:
    """Negative binomial counts around day, week, holidays and growth, with hours that hang
    together."""
    hours = len(rate) // HOUR
    mood = draw.gamma(1 / plan.spread, plan.spread, hours)
    lasting = np.convolve(mood, (0.6, 0.3, 0.1))[:hours]
    counts = draw.poisson(rate * np.repeat(lasting, HOUR))
    buckets = np.repeat(np.arange(len(counts)), counts)
    return buckets, _authors(draw, plan, len(buckets))


def shape_of(draw: np.random.Generator, plan: Plan) -> FloatArray:
    """Relative rate of every bucket, mean about one."""
    place = np.arange(plan.weeks * WEEK)
    hour = place % DAY / HOUR
    day = place // DAY % 7
    peaks = np.exp(-0.5 * ((hour - 13) / 2.5) ** 2) + 1.4 * np.exp(-0.5 * ((hour - 21) / 2.0) ** 2)
    shape = plan.night + (1 - plan.night) * peaks
    shape = np.where(day >= 5, shape * plan.weekend, shape)
    shape /= shape[:WEEK].mean()
    shape *= (1 + plan.growth) ** (place / WEEK)
    for start in draw.choice(plan.weeks * 7, plan.holidays, replace=False):
        inside = slice(int(start) * DAY, int(start) * DAY + int(draw.integers(1, 4)) * DAY)
        shape[inside] *= draw.choice((0.4, 1.6, 1.9))
    return np.asarray(shape)


def _authors(draw: np.random.Generator, plan: Plan, count: int) -> IntArray:
    """Few write much, many little."""
    weight = 1 / (np.arange(plan.population) + 8.0)
    return draw.choice(plan.population, count, p=weight / weight.sum())


def _disturbances(
    draw: np.random.Generator, plan: Plan, first: int, rate: FloatArray
) -> tuple[tuple[Spike, ...], tuple[int, ...]]:
    """Spread over the tested weeks, at least eighteen hours apart."""
    wanted = plan.spikes + plan.floods
    if not wanted:
        return (), ()
    span = (plan.weeks * WEEK - first) / wanted
    gap = min(DAY * 0.75, span * 0.6)
    starts = [first + span * n + draw.uniform(0, span - gap) for n in range(wanted)]
    chosen = set(draw.choice(wanted, plan.spikes, replace=False).tolist())
    spikes = tuple(
        Spike(starts[n], int(draw.integers(4, 25)), _size(draw, rate, starts[n]), _SHAPES[i % 3])
        for i, n in enumerate(sorted(chosen))
    )
    return spikes, tuple(int(starts[n]) for n in range(wanted) if n not in chosen)


def _size(draw: np.random.Generator, rate: FloatArray, start: float) -> int:
    usual = float(rate[int(start) : int(start) + HOUR].sum())
    return max(_LEAST, round((int(draw.choice(_TIMES)) - 1) * usual))


def _spike(draw: np.random.Generator, spike: Spike, plan: Plan) -> tuple[IntArray, IntArray]:
    """`size` messages of as many new authors in the first hour, then on at that rate (step), four
    times faster and gone within two hours (burst), or growing through the first hour (ramp)."""
    hours = max(1.0, spike.length / HOUR)
    if spike.shape == "burst":
        at = draw.exponential(1.5, int(spike.size * 1.1))
        at = at[at < 2 * HOUR]
    elif spike.shape == "ramp":
        at = HOUR * np.sqrt(draw.uniform(0, 1, spike.size))
        later = draw.uniform(HOUR, HOUR * max(1.01, hours), int(1.5 * spike.size * (hours - 1)))
        at = np.concatenate([at, later])
    else:
        at = draw.uniform(0, HOUR * hours, int(spike.size * hours))
    people = plan.population + draw.integers(0, spike.size * 3, len(at))
    return np.floor(spike.start + at).astype(np.int64), people


def _flood(draw: np.random.Generator, at: int) -> tuple[IntArray, IntArray]:
    """One author, some hundred messages in one to three hours."""
    count = int(draw.integers(60, 400))
    buckets = at + draw.integers(0, int(draw.integers(4, 13)), count)
    return buckets.astype(np.int64), np.full(count, 10**6)
