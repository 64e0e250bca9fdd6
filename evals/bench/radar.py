"""The radar on replayed series: how soon spikes are found, how often it cries wolf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from evals.bench.figures import Figures
from evals.bench.radar_replay import Tally, median, replay, replay_family, replay_zscore
from evals.bench.radar_series import PLANS, Community, Plan, make

TEST_SEEDS = (901, 902, 903)
TUNING_SEEDS = (11, 12, 13)
"""Thresholds were chosen on these alone."""

IN_TIME_MIN = 60.0
KINDS = ("low", "mid", "high")
FAMILY = "radar.family.false_alarms_per_week"
CALM, CATEGORIES = ("quiet", "ordinary", "busy"), 20
MAIN = ("found_within_1h", "false_alarms_per_week", "delay_min", "flood_alarms")

Replay = Callable[[Community], Tally]


def radar(figures: Figures, data: Path | None, only: str | None) -> None:
    """Made communities, and with `--data` ones that resample a real chat's arrivals; beside each a
    plain z-score on a global mean."""
    wanted = only or "radar."
    sets: dict[str, Callable[[], list[tuple[Plan, Community]]]] = {
        "radar": partial(_made, TEST_SEEDS),
        "radar.irc": partial(_resampled, data),
    }
    if FAMILY.startswith(wanted):
        figures.measure((FAMILY,), _family)
    if wanted.startswith("radar.tuning"):
        sets = {"radar.tuning": partial(_made, TUNING_SEEDS)}
    for name, communities in sets.items():
        keys = tuple(_keys(name))
        if any(key.startswith(wanted) for key in keys):
            figures.measure(keys, partial(_measure, name, communities))


def _keys(name: str) -> Iterable[str]:
    for key in MAIN:
        yield from (f"{name}.{key}", f"{name}.{key}.zscore")
    for kind in KINDS:
        yield from (f"{name}.found_within_1h.{kind}", f"{name}.false_alarms_per_week.{kind}")


def _measure(
    name: str, communities: Callable[[], list[tuple[Plan, Community]]]
) -> dict[str, float]:
    made = communities()
    ours = [(plan.kind, replay(one)) for plan, one in made]
    peer = [replay_zscore(one) for _, one in made]
    found = {f"{name}.{key}": value for key, value in _figures([t for _, t in ours]).items()}
    found |= {f"{name}.{key}.zscore": value for key, value in _figures(peer).items()}
    for kind in KINDS:
        of_kind = _figures([tally for its, tally in ours if its == kind])
        found |= {
            f"{name}.{key}.{kind}": of_kind[key]
            for key in ("found_within_1h", "false_alarms_per_week")
            if key in of_kind
        }
    return found


def _figures(tallies: Sequence[Tally]) -> dict[str, float]:
    delays = [delay for tally in tallies for delay in tally.delays]
    floods = sum(tally.floods for tally in tallies)
    if not delays or not floods:
        return {}
    return {
        "found_within_1h": sum(delay <= IN_TIME_MIN for delay in delays) / len(delays),
        "false_alarms_per_week": sum(t.false_alarms for t in tallies)
        / sum(t.weeks for t in tallies),
        "delay_min": median(delays),
        "flood_alarms": sum(tally.flooded for tally in tallies) / floods,
    }


def _family() -> dict[str, float]:
    """Volume and twenty categories of calm communities, all alerts counted."""
    calm = [replace(plan, spikes=0, floods=0) for plan in PLANS if plan.name in CALM]
    rates = [replay_family(make(plan, TEST_SEEDS[0]), CATEGORIES, TEST_SEEDS[0]) for plan in calm]
    return {FAMILY: sum(rates) / len(rates)}


def _made(seeds: Sequence[int]) -> list[tuple[Plan, Community]]:
    return [(plan, make(plan, seed)) for seed in seeds for plan in PLANS]


def _resampled(data: Path | None) -> list[tuple[Plan, Community]]:
    from evals.bench.radar_chat import chat_plans, chat_rhythm

    rhythm = chat_rhythm(data)
    return [(plan, make(plan, seed, rhythm)) for seed in TEST_SEEDS for plan in chat_plans()]
