"""How fast, beside the embedder alone in the same run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evals.bench.figures import Figures, NotMeasured
from evals.bench.messages import made_messages
from evals.bench.theme_speed import theme_speed
from evals.production import ProductionEngines
from retrieval.types import Role
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from service.bootstrap import Application

MESSAGES = 10_000
COMMUNITY = "bench"
BATCH = 1_000
TRIAGE_CHUNK = 128
EMBED_SECONDS = 40.0

EMBED = ("embed.per_s", "embed.st_per_s", "embed.ratio")
PIPELINE = ("pipeline.ratio", "pipeline.per_s", "pipeline.embedder_per_s")
PROCESS = ("start.s", "memory.mib")
NOT_BUILT = {
    "triage.http_ratio": "not built yet: needs a served process under load",
    "draft.overhead": "needs a chat model; none is started by this command",
    "queue.growth": "not built yet: needs a million stored messages",
}


def speed(figures: Figures, data: Path | None, only: str | None) -> None:  # noqa: ARG001 one shape
    """Throughput of embedder and pipeline, start and memory of a process."""
    settings = load_settings()
    wanted = only or ""
    if any(key.startswith(wanted) for key in EMBED):
        figures.measure(EMBED, lambda: _embed(settings))
    if any(key.startswith(wanted) for key in PIPELINE):
        figures.measure(PIPELINE, lambda: asyncio.run(_pipeline(settings)))
    if any(key.startswith(wanted) for key in PROCESS):
        figures.measure(PROCESS, _process)
    theme_speed(figures, wanted)
    _cascade(figures, settings, wanted)
    for key, reason in NOT_BUILT.items():
        if key.startswith(wanted):
            figures.missing((key,), reason)


def _cascade(figures: Figures, settings: Settings, wanted: str) -> None:
    from evals.bench import cascade

    engines = ProductionEngines(settings)
    for names, take in (
        (cascade.SHARE, cascade.share),
        (cascade.ORACLE, cascade.against_oracle),
        (cascade.MODEL, cascade.against_model),
    ):
        if any(name.startswith(wanted) for name in names):
            figures.measure(names, partial(take, engines))


def _embed(settings: Settings) -> dict[str, float]:
    from evals.bench.embed import run

    taken = run(settings.cache_dir.expanduser(), seconds_budget=EMBED_SECONDS)
    return {name: value for name, value in taken.items() if value is not None}


async def _pipeline(settings: Settings) -> dict[str, float]:
    """Ingest and triage through the real flows on an embedded database of its own."""
    from service.bootstrap import open_application

    texts = made_messages(MESSAGES)
    with tempfile.TemporaryDirectory(prefix="huiyin-") as folder:
        own = settings.model_copy(update={"data_dir": Path(folder), "database_url": None})
        async with open_application(own) as application:
            await application.warm_up()
            alone = await asyncio.to_thread(_embedder_rate, application, texts)
            ours = await _flow_rate(application, texts)
    return {
        "pipeline.ratio": ours / alone,
        "pipeline.per_s": ours,
        "pipeline.embedder_per_s": alone,
    }


def _embedder_rate(application: Application, texts: Sequence[str]) -> float:
    """Texts a second in the chunks triage uses."""
    started = time.perf_counter()
    for start in range(0, len(texts), TRIAGE_CHUNK):
        application.embedder.embed(texts[start : start + TRIAGE_CHUNK], role=Role.QUERY)
    return len(texts) / (time.perf_counter() - started)


async def _flow_rate(application: Application, texts: Sequence[str]) -> float:
    """Messages a second from the first ingest call to the last stored triage, each an own case."""
    await _add_community(application)
    started = time.perf_counter()
    case_ids: list[str] = []
    for start in range(0, len(texts), BATCH):
        items = [_item(start + n, text) for n, text in enumerate(texts[start : start + BATCH])]
        results = await application.ingest.ingest(COMMUNITY, items)
        case_ids += [result.case_id for result in results if result.case_id]
    done = 0
    for start in range(0, len(case_ids), TRIAGE_CHUNK):
        done += await application.triage.run(COMMUNITY, case_ids[start : start + TRIAGE_CHUNK])
    if done != len(texts):
        raise NotMeasured(f"{done} of {len(texts)} messages were triaged")
    return done / (time.perf_counter() - started)


def _item(number: int, text: str) -> dict[str, object]:
    return {
        "source": "bench",
        "external_id": f"m{number}",
        "author": f"author{number}",
        "text": text,
        "channel": "bench",
    }


async def _add_community(application: Application) -> None:
    from service.domain.base import Bilingual
    from service.domain.community import Community

    async with application.uow() as uow:
        await uow.communities.save(Community(id=COMMUNITY, name=Bilingual(zh="测速", en="Bench")))
        await uow.commit()


_PROBE = """
import resource, sys, time
started = time.perf_counter()
from datetime import UTC, datetime
from evals.production import ProductionEngines
from service.settings import load_settings
engines = ProductionEngines(load_settings())
engines.triager.judge(["准备好了吗"], [datetime.now(UTC)])
engines.rules.search("怎么退款")
seconds = time.perf_counter() - started
unit = 1 if sys.platform == "darwin" else 1024
mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
print(seconds, mib, "torch" in sys.modules)
"""


def _process() -> dict[str, float]:
    """Seconds until a fresh process has judged and searched once, and its peak memory."""
    for _ in range(2):  # the first fills the caches of models and heads: the second is warm
        done = subprocess.run(  # noqa: S603 our own interpreter and code
            [sys.executable, "-c", _PROBE], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        raise NotMeasured(f"the process failed: {done.stderr.strip().splitlines()[-1]}")
    seconds, mib, torch = done.stdout.split()
    if torch == "True":
        raise NotMeasured("torch was imported, which the product must not do")
    return {"start.s": float(seconds), "memory.mib": float(mib)}
