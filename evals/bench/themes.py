"""Does clustering find the topics people labelled, do themes last, do the languages meet."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evals.bench.bertopic import bertopic_themes
from evals.bench.figures import Figures, NotMeasured
from evals.bench.sets import Row, labels, split, texts
from evals.bench.theme_weeks import lasting
from evals.datasets import load
from evals.production import ProductionEngines
from evals.theme_weeks import agreement
from retrieval.types import FloatMatrix, Role
from service.settings import load_settings
from service.triage.build import build_themes
from service.triage.themes import GraphThemes

SETS = ("banking77", "clinc150")
OURS = ("v", "ari", "unclustered", "themes", "seconds")
PLAIN = ("v.plain", "ari.plain")
BERTOPIC = ("v.bertopic", "ari.bertopic", "unclustered.bertopic", "seconds.bertopic")
LASTING = ("themes.id_kept", "themes.spillover", "themes.unclustered")
MEET = "themes.zh_en_meet"

_PLAIN_NEIGHBOURS, _PLAIN_RESOLUTION = 8, 5.0
_WARM = 50


class _Set(NamedTuple):
    name: str
    texts: Sequence[str]
    labels: Sequence[str]
    vectors: FloatMatrix


def themes(figures: Figures, data: Path | None, only: str | None) -> None:
    """V measure and adjusted Rand index on labelled sets; what is in no theme counts as one group
    of its own. Then how themes last over simulated weeks, and how often two languages meet."""
    wanted = (only or "").split(".")[0]
    engines = ProductionEngines(load_settings())
    finder = build_themes(engines.embedder)
    sets = {}
    for name in SETS:
        if name.startswith(wanted) or "themes".startswith(wanted):
            sets[name] = _read(figures, engines, data, name)
    for name, found in sets.items():
        if found is not None and name.startswith(wanted):
            _score(figures, finder, found)
    if "themes".startswith(wanted):
        figures.measure(LASTING, partial(_lasting, finder, sets))
        figures.measure((MEET,), lambda: _meet(engines, finder))


def _read(
    figures: Figures, engines: ProductionEngines, data: Path | None, name: str
) -> _Set | None:
    try:
        rows = _rows(data, name)
    except NotMeasured as error:
        figures.missing((f"{name}.{key}" for key in OURS), error.message)
        return None
    given = texts(rows)
    return _Set(name, given, labels(rows), engines.embedder.embed(given, role=Role.QUERY))


def _rows(data: Path | None, name: str) -> tuple[Row, ...]:
    if data is None:
        raise NotMeasured("needs --data")
    return tuple(row for row in split(data / name).test if row["label"] != "oos")


def _score(figures: Figures, finder: GraphThemes, given: _Set) -> None:
    for keys, take in (
        (OURS, lambda: _ours(finder, given)),
        (PLAIN, lambda: _agreement(given, _plain(given.vectors), ".plain")),
        (BERTOPIC, lambda: _bertopic(given)),
    ):
        figures.measure((f"{given.name}.{key}" for key in keys), take)


def _ours(finder: GraphThemes, given: _Set) -> dict[str, float]:
    finder.partition(given.texts[:_WARM], given.vectors[:_WARM])  # embeds the background once
    started = time.perf_counter()
    found = finder.partition(given.texts, given.vectors).themes
    seconds = time.perf_counter() - started
    return {
        **_agreement(given, found, ""),
        f"{given.name}.unclustered": float((found < 0).mean()),
        f"{given.name}.themes": float(found.max() + 1),
        f"{given.name}.seconds": seconds,
    }


def _bertopic(given: _Set) -> dict[str, float]:
    started = time.perf_counter()
    found = bertopic_themes(given.vectors)
    return {
        **_agreement(given, found, ".bertopic"),
        f"{given.name}.unclustered.bertopic": float((found < 0).mean()),
        f"{given.name}.seconds.bertopic": time.perf_counter() - started,
    }


def _agreement(given: _Set, found: NDArray[np.int64], peer: str) -> dict[str, float]:
    agreed = agreement(given.labels, found.tolist())
    return {f"{given.name}.v{peer}": agreed.v, f"{given.name}.ari{peer}": agreed.ari}


def _plain(vectors: FloatMatrix) -> NDArray[np.int64]:
    """The 8 nearest neighbours of centred vectors, cut by Leiden at resolution 5."""
    from graspologic_native import leiden_csr
    from sklearn.neighbors import kneighbors_graph

    centred = vectors - vectors.mean(axis=0)
    graph = kneighbors_graph(centred, _PLAIN_NEIGHBOURS, mode="distance", metric="cosine")
    graph.data = np.maximum(1.0 - graph.data, 1e-3)
    graph = graph.maximum(graph.T).tocsr()
    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        len(vectors),
        resolution=_PLAIN_RESOLUTION,
        seed=1,
    )
    return np.array([found[row] for row in range(len(vectors))], dtype=np.int64)


def _lasting(finder: GraphThemes, sets: Mapping[str, _Set | None]) -> dict[str, float]:
    """Means over the sets."""
    taken = [lasting(finder, one.texts, one.labels, one.vectors) for one in sets.values() if one]
    if not taken:
        raise NotMeasured("needs --data")
    means = np.mean(np.array(taken), axis=0)
    return dict(zip(LASTING, map(float, means), strict=True))


def _meet(engines: ProductionEngines, finder: GraphThemes) -> dict[str, float]:
    """Of our golden cases told in both languages, the share whose two tellings are in one theme."""
    cases = [case for case in load("triage").samples if case.pair]
    given = [case.text for case in cases]
    vectors = engines.embedder.embed(given, role=Role.QUERY)
    found = finder.partition(given, vectors).themes
    pairs: dict[str, list[int]] = defaultdict(list)
    for case, theme in zip(cases, found, strict=True):
        pairs[str(case.pair)].append(int(theme))
    told = [tellings for tellings in pairs.values() if len(tellings) == 2]
    return {MEET: sum(a == b >= 0 for a, b in told) / len(told)}
