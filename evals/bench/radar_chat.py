"""A base rhythm taken from a real chat: its bursts and who writes in them; no text is used."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from evals.bench.figures import NotMeasured
from evals.bench.radar_series import HOUR, FloatArray, IntArray, Plan, Rhythm
from evals.bench.sets import rows

SET = "irc_threads_en"

Block = tuple[IntArray, IntArray]
"""Buckets from the block's start, and authors as numbers from 0."""


def chat_plans() -> tuple[Plan, ...]:
    """Communities that share the chat's bursts but not its size."""
    return (
        Plan("chat_small", "low", 0.8, 200),
        Plan("chat_mid", "mid", 6, 1000),
        Plan("chat_growing", "mid", 8, 1500, growth=0.06),
        Plan("chat_busy", "high", 50, 6000),
    )


def chat_rhythm(data: Path | None) -> Rhythm:
    """Blocks of one hour of the chat, drawn again and again, thinned to a plan's rate.

    Raises:
        NotMeasured: there is no data folder, or not this set in it.
    """
    if data is None:
        raise NotMeasured("needs --data")
    blocks = _blocks(data / SET)

    def rhythm(
        draw: np.random.Generator, plan: Plan, rate: FloatArray
    ) -> tuple[IntArray, IntArray]:
        usual = float(np.mean([len(block[0]) for block in blocks]))
        shares = rate.reshape(-1, HOUR).sum(1) / usual
        made = [_drawn(draw, blocks, plan, hour, share) for hour, share in enumerate(shares)]
        return np.concatenate([b for b, _ in made]), np.concatenate([p for _, p in made])

    return rhythm


def _drawn(
    draw: np.random.Generator, blocks: list[Block], plan: Plan, hour: int, share: float
) -> Block:
    """One hour: whole blocks and a thinned one, their authors given to people of the plan."""
    buckets, people = [], []
    while share > 0:
        at, who = blocks[int(draw.integers(len(blocks)))]
        kept = draw.random(len(at)) < share
        names = draw.integers(0, plan.population, int(who.max()) + 1)
        buckets.append(hour * HOUR + at[kept])
        people.append(names[who[kept]])
        share -= 1
    return np.concatenate(buckets), np.concatenate(people)


def _blocks(folder: Path) -> list[Block]:
    """Whole hours of each log, as far as it reaches."""
    sealed = folder / "heldout" / "test.jsonl"
    logs: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for row in rows(sealed if sealed.is_file() else folder / "dev" / "dev.jsonl"):
        hours, minutes = row["time"].split(":")
        logs[(row["channel"], row["file"])].append((int(hours) * 60 + int(minutes), row["user"]))
    found = [block for log in logs.values() for block in _hours_of(log)]
    if not found:
        raise NotMeasured("the chat holds no whole hour")
    return found


def _hours_of(log: list[tuple[int, str]]) -> list[Block]:
    """A log shorter than an hour counts as one: it was cut by lines, not by time."""
    first = log[0][0]
    by_hour: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for minute, user in log:
        passed = (minute - first) % 1440
        by_hour[passed // 60].append((passed % 60 // 15, user))
    return [_block(part) for part in by_hour.values()]


def _block(part: list[tuple[int, str]]) -> Block:
    numbers: dict[str, int] = {}
    who = [numbers.setdefault(user, len(numbers)) for _, user in part]
    return np.array([at for at, _ in part]), np.array(who)
