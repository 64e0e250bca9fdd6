"""Made months of cases for the drift alarms, out of what the engine says of real texts.

A kind of case is what the engine says of one text: category or none, confidence, language. Each
source of texts is a distribution over such kinds, and a community a mixture of sources that varies
from day to day. The numbers of drafts are made: no public set has a service's drafts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.domain.drift import Measure

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

DAY, WEEK = 24, 168
"""Lengths in hours."""

DRAFTED = 0.3
DECIDED = 0.9
"""Shares of cases that get a draft, and of drafts that get a decision."""

REFUSALS: Mapping[str, float] = {
    "answered": 0.85, "no_rule": 0.08, "needs_human": 0.04, "insufficient_information": 0.03,
}  # fmt: skip
SUPPORTS: Mapping[str, float] = {"supported": 0.95, "unsupported": 0.05}
OUTCOMES: Mapping[str, float] = {"accepted": 0.6, "edited": 0.25, "rejected": 0.15}


class Kind(NamedTuple):
    """What the engine says of a text; `category` empty where it abstains, `bin` then -1."""

    category: str
    bin: int
    lang: str


class Pool(NamedTuple):
    """`shares[s, k]`: how often texts of source s are of kind k; rows sum to one."""

    kinds: tuple[Kind, ...]
    shares: FloatArray


@dataclass(frozen=True)
class Plan:
    """What a community is like. `even` is how alike its days are: a source's share of a day is
    drawn from a Dirichlet of that strength (0: no variation at all); at weekends `weekend` tilts
    the sources."""

    name: str
    per_day: float
    even: float
    weekend: float = 0.0
    weeks: int = 12


@dataclass(frozen=True)
class Injected:
    """A change from hour `at` on."""

    name: str
    at: int
    points: float = 0.0
    bins: int = 0
    refusals: float = 1.0


@dataclass(frozen=True)
class Stream:
    """Counts by hour, shape (keys, hours), of every measure."""

    plan: Plan
    injected: Injected | None
    counts: Mapping[Measure, tuple[tuple[str, ...], IntArray]] = field(repr=False)
    hours: int


def pool_of(said: Mapping[str, Sequence[Kind]]) -> Pool:
    """The pool of what was said of each source's texts."""
    kinds = tuple(sorted({one for found in said.values() for one in found}))
    place = {kind: number for number, kind in enumerate(kinds)}
    rows = [np.bincount([place[one] for one in said[name]], minlength=len(kinds)) for name in said]
    shares = np.stack(rows).astype(np.float64)
    return Pool(kinds, shares / shares.sum(1, keepdims=True))


def make(plan: Plan, pool: Pool, seed: int, injected: Injected | None = None) -> Stream:
    """The stream of a plan; the same seed gives the same counts up to the injected change."""
    draw = np.random.default_rng([seed, *plan.name.encode()])
    hours = plan.weeks * WEEK
    sizes = _sizes(draw, plan, hours)
    mixtures = _days(draw, plan, np.full(len(pool.shares), 1 / len(pool.shares)))
    before = pool.shares
    after = _changed(draw, pool, injected) if injected else before
    kinds = np.zeros((len(pool.kinds), hours), dtype=np.int64)
    for hour in range(hours):
        shares = after if injected and hour >= injected.at else before
        kinds[:, hour] = draw.multinomial(sizes[hour], mixtures[hour // DAY] @ shares)
    counts = _measured(pool, kinds) | _drafts(draw, plan, sizes, injected)
    return Stream(plan, injected, counts, hours)


def _sizes(draw: np.random.Generator, plan: Plan, hours: int) -> IntArray:
    """Cases an hour: nights are quiet, days differ."""
    hour = np.arange(hours) % DAY
    shape = 0.15 + np.exp(-0.5 * ((hour - 20) / 4.0) ** 2) + np.exp(-0.5 * ((hour - 12) / 3.0) ** 2)
    mood = np.repeat(draw.gamma(20, 1 / 20, hours // DAY), DAY)
    return np.asarray(draw.poisson(plan.per_day * mood * shape / shape[:DAY].sum()))


def _days(draw: np.random.Generator, plan: Plan, base: FloatArray) -> FloatArray:
    """The mixture of each day, shape (days, parts)."""
    made = []
    for day in range(plan.weeks * 7):
        tilt = np.linspace(1 - plan.weekend, 1 + plan.weekend, len(base)) if day % 7 > 4 else 1.0
        mean = base * tilt / (base * tilt).sum()
        made.append(draw.dirichlet(mean * plan.even) if plan.even else mean)
    return np.stack(made)


def _changed(draw: np.random.Generator, pool: Pool, injected: Injected) -> FloatArray:
    shares = pool.shares
    if injected.points:
        shares = _moved(draw, pool, injected.points)
    if injected.bins:
        shares = _lowered(pool, shares, injected.bins)
    return shares


def _moved(draw: np.random.Generator, pool: Pool, points: float) -> FloatArray:
    """So many points of all cases with a category move to one category of between 2 and 30%."""
    names = np.array([kind.category for kind in pool.kinds])
    labelled = names != ""
    whole = pool.shares.mean(0)
    share = {name: whole[names == name].sum() / whole[labelled].sum() for name in {*names} - {""}}
    usual = sorted(name for name, part in share.items() if 0.02 <= part <= 0.3)
    chosen = names == usual[int(draw.integers(len(usual)))]
    part = share[str(names[chosen][0])]
    shares = pool.shares.copy()
    within = whole * chosen / (whole * chosen).sum()
    taken = shares * (labelled & ~chosen) * points / (1 - part)
    return np.asarray(shares - taken + taken.sum(1, keepdims=True) * within)


def _lowered(pool: Pool, shares: FloatArray, bins: int) -> FloatArray:
    """Every stated confidence lies so many bins lower."""
    place = {kind: number for number, kind in enumerate(pool.kinds)}
    lowered = np.zeros_like(shares)
    for kind, number in place.items():
        wanted = kind._replace(bin=kind.bin - bins)
        near = [one for one in pool.kinds if one[::2] == kind[::2] and one.bin >= 0]
        other = kind if kind.bin < 0 else min(near, key=lambda one: abs(one.bin - wanted.bin))
        lowered[:, place[other]] += shares[:, number]
    return lowered


def _measured(pool: Pool, kinds: IntArray) -> dict[Measure, tuple[tuple[str, ...], IntArray]]:
    """Counts of the kinds, by what each measure tells apart."""
    labelled = [kind.category != "" for kind in pool.kinds]
    return {
        Measure.CATEGORY: _grouped([kind.category for kind in pool.kinds], kinds, labelled),
        Measure.ABSTENTION: _grouped(["given" if one else "abstained" for one in labelled], kinds),
        Measure.CONFIDENCE: _grouped([f"{5 * one.bin:02}" for one in pool.kinds], kinds, labelled),
        Measure.LANGUAGE: _grouped([kind.lang for kind in pool.kinds], kinds),
    }


def _grouped(
    names: Sequence[str], kinds: IntArray, kept: Sequence[bool] | None = None
) -> tuple[tuple[str, ...], IntArray]:
    wanted = [name for number, name in enumerate(names) if kept is None or kept[number]]
    keys = tuple(sorted(set(wanted)))
    rows = [
        kinds[[n for n, name in enumerate(names) if name == key and (kept is None or kept[n])]]
        for key in keys
    ]
    return keys, np.stack([row.sum(0) for row in rows])


def _drafts(
    draw: np.random.Generator, plan: Plan, sizes: IntArray, injected: Injected | None
) -> dict[Measure, tuple[tuple[str, ...], IntArray]]:
    drafts = draw.binomial(sizes, DRAFTED)
    return {
        Measure.REFUSAL: _made(draw, plan, drafts, REFUSALS, injected),
        Measure.SUPPORT: _made(draw, plan, drafts, SUPPORTS),
        Measure.OUTCOME: _made(draw, plan, draw.binomial(drafts, DECIDED), OUTCOMES),
    }


def _made(
    draw: np.random.Generator,
    plan: Plan,
    sizes: IntArray,
    base: Mapping[str, float],
    injected: Injected | None = None,
) -> tuple[tuple[str, ...], IntArray]:
    """Counts by hour; an injected change multiplies all but the first."""
    shares = np.array(list(base.values()))
    days = _days(draw, plan, shares)
    counts = np.zeros((len(shares), len(sizes)), dtype=np.int64)
    for hour, size in enumerate(sizes):
        now = days[hour // DAY].copy()
        if injected is not None and hour >= injected.at:
            now[1:] *= injected.refusals
            now[0] = max(0.0, 1 - now[1:].sum())
            now /= now.sum()
        counts[:, hour] = draw.multinomial(size, now)
    return tuple(base), counts
