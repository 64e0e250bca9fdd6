"""Does clustering find the topics people labelled, without seeing the labels."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from evals.bench.figures import Figures, NotMeasured
from evals.bench.sets import Row, labels, split, texts
from evals.production import ProductionEngines
from retrieval.types import Role
from service.settings import load_settings

SETS = ("banking77", "clinc150")
UNCLUSTERED = -1


def themes(figures: Figures, data: Path | None, only: str | None) -> None:
    """V measure and adjusted Rand index; what is in no theme counts as one group of its own."""
    engines = ProductionEngines(load_settings())
    for name in SETS:
        if not name.startswith((only or "").split(".")[0]):
            continue
        keys = tuple(f"{name}.{key}" for key in ("v", "ari", "unclustered", "themes", "seconds"))
        figures.measure(keys, partial(_clustered, engines, data, name))


def _clustered(engines: ProductionEngines, data: Path | None, name: str) -> dict[str, float]:
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    rows = _rows(data, name)
    found, seconds = _assign(engines, texts(rows))
    wanted = labels(rows)
    return {
        f"{name}.v": float(v_measure_score(wanted, found)),
        f"{name}.ari": float(adjusted_rand_score(wanted, found)),
        f"{name}.unclustered": found.count(UNCLUSTERED) / len(found),
        f"{name}.themes": float(len(set(found) - {UNCLUSTERED})),
        f"{name}.seconds": seconds,
    }


def _rows(data: Path | None, name: str) -> tuple[Row, ...]:
    if data is None:
        raise NotMeasured("needs --data")
    return tuple(row for row in split(data / name).test if row["label"] != "oos")


def _assign(engines: ProductionEngines, given: Sequence[str]) -> tuple[list[int], float]:
    """Theme number of every text and the seconds clustering took (embedding not counted)."""
    from service.triage.build import build_themes

    finder = build_themes(engines.embedder)
    vectors = engines.embedder.embed(given, role=Role.QUERY)
    started = time.perf_counter()
    found = finder.partition(given, vectors)
    return found.themes.tolist(), time.perf_counter() - started
