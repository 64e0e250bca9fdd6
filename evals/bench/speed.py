"""How fast, beside the embedder alone in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from evals.bench import drafting, growth, pipeline, served
from evals.bench.figures import Figures
from evals.bench.theme_speed import theme_speed
from evals.production import ProductionEngines
from service.settings import Settings, load_settings

EMBED_SECONDS = 40.0

EMBED = ("embed.per_s", "embed.st_per_s", "embed.ratio")

Take = Callable[[], dict[str, float]]


def speed(figures: Figures, data: Path | None, only: str | None, scale: int | None = None) -> None:
    """Throughput, answers, growth, start and memory; `scale` makes the large ones smaller: it is
    the number of messages of `pipeline.*` and `memory.mib`, and the rows of `queue.growth`."""
    settings, wanted = load_settings(), only or ""
    takes: Sequence[tuple[Sequence[str], Take]] = (
        (EMBED, partial(_embed, settings)),
        (pipeline.MADE, partial(pipeline.made, settings, scale or pipeline.MESSAGES)),
        (pipeline.REAL, partial(pipeline.real, settings, data, scale or pipeline.MESSAGES)),
        (served.KEYS, partial(served.served, settings, scale or served.MESSAGES)),
        (drafting.KEYS, partial(drafting.overhead, settings)),
        (growth.KEYS, partial(growth.growth, settings, scale or growth.MANY)),
    )
    for keys, take in takes:
        if any(key.startswith(wanted) for key in keys):
            figures.measure(keys, take)
    theme_speed(figures, wanted)
    _cascade(figures, settings, wanted)


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
