"""How long clustering takes, and how that grows, beside the peer in the same run.

Texts are made in code, all different. Embedding 100,000 of them would take most of an hour and say
nothing of clustering, so the vectors are those of 2,000 such texts, each repeated with noise of
its own.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from evals.bench.bertopic import bertopic_themes
from evals.bench.figures import Figures, NotMeasured
from evals.bench.messages import made_messages
from evals.production import ProductionEngines
from retrieval.types import FloatMatrix, Role
from service.settings import load_settings

if TYPE_CHECKING:
    from service.triage.themes import GraphThemes

KEYS = ("themes.s_10k", "themes.s_100k", "themes.growth", "themes.mib_100k")
PEER = ("themes.speedup", "themes.s_10k.bertopic")
_SMALL, _LARGE, _BASE, _WARM = 10_000, 100_000, 2_000, 1_000
_NOISE = 0.3
_SEED = 17


def theme_speed(figures: Figures, only: str) -> None:
    """Seconds of clustering 10,000 and 100,000 texts with vectors given."""
    if not any(key.startswith(only) for key in (*KEYS, *PEER)):
        return
    engines = ProductionEngines(load_settings())
    base = engines.embedder.embed(made_messages(_BASE), role=Role.QUERY)
    figures.measure(KEYS, lambda: _ours(engines, base))
    if any(key.startswith(only) for key in PEER):
        figures.measure(PEER, lambda: _peer(base, figures.values["themes.s_10k"]))


def _ours(engines: ProductionEngines, base: FloatMatrix) -> dict[str, float]:
    from service.triage.build import build_themes

    finder = build_themes(engines.embedder)
    _seconds_of(finder, base, _WARM)
    small = min(_seconds_of(finder, base, _SMALL) for _ in range(3))
    large = _seconds_of(finder, base, _LARGE)
    return {
        "themes.s_10k": small,
        "themes.s_100k": large,
        "themes.growth": large / small / (_LARGE / _SMALL),
        "themes.mib_100k": _peak_mib(),
    }


def _peer(base: FloatMatrix, ours: float | None) -> dict[str, float]:
    if ours is None:
        raise NotMeasured("our own time is missing")
    bertopic_themes(_vectors(base, _WARM))  # compiles
    seconds = _timed(lambda: bertopic_themes(_vectors(base, _SMALL)))
    return {"themes.s_10k.bertopic": seconds, "themes.speedup": seconds / ours}


def _seconds_of(finder: GraphThemes, base: FloatMatrix, count: int) -> float:
    texts, vectors = made_messages(count), _vectors(base, count)
    return _timed(lambda: finder.partition(texts, vectors))


def _vectors(base: FloatMatrix, count: int) -> FloatMatrix:
    draw = np.random.default_rng(_SEED)
    repeated = base[np.arange(count) % len(base)]
    spread = _NOISE * float(np.linalg.norm(base - base.mean(axis=0), axis=1).mean())
    noise = draw.standard_normal(repeated.shape, dtype=np.float32)
    moved = repeated + noise * np.float32(spread / base.shape[1] ** 0.5)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peak_mib() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
