"""Simulated weeks: each sees most of the last week's messages and some new ones, and clusters
them again. Whether ids last is decided by the matching the product runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.theme_matching import match_themes
from service.triage.themes import GraphThemes, Partition

WEEKS = 5
_WINDOW, _STEP = 0.6, 0.1
"""Shares of the messages that one week sees, and that are new in the next."""

_SEED = 23


class Lasting(NamedTuple):
    """Means over weeks: the share of themes that had their id the week before, of messages of one
    question outside its main theme, and of messages in no theme; 0 to 1."""

    id_kept: float
    spillover: float
    unclustered: float


def lasting(
    finder: GraphThemes, texts: Sequence[str], labels: Sequence[str], vectors: FloatMatrix
) -> Lasting:
    """Cluster overlapping windows of shuffled messages, one after the other."""
    order = np.random.default_rng(_SEED).permutation(len(texts))
    kept, spilt, outside = [], [], []
    earlier: dict[str, str] = {}
    living: set[str] = set()
    for week in range(WEEKS):
        start = int(week * _STEP * len(order))
        rows = order[start : start + int(_WINDOW * len(order))]
        found = finder.partition([texts[row] for row in rows], vectors[rows])
        spilt.append(spillover([labels[row] for row in rows], found.themes))
        outside.append(float((found.themes < 0).mean()))
        earlier, ids = _matched(week, rows, found, earlier)
        if week:
            kept.append(len(living & ids) / len(living))
        living = ids
    return Lasting(float(np.mean(kept)), float(np.mean(spilt)), float(np.mean(outside)))


def spillover(labels: Sequence[str], themes: NDArray[np.int64]) -> float:
    """Of the messages in themes, the share that is not in the main theme of its question."""
    placed: dict[str, Counter[int]] = defaultdict(Counter)
    for label, theme in zip(labels, themes, strict=True):
        if theme >= 0:
            placed[label][int(theme)] += 1
    inside = sum(sum(one.values()) for one in placed.values())
    main = sum(max(one.values()) for one in placed.values())
    return 1 - main / max(1, inside)


def _matched(
    week: int, rows: NDArray[np.int64], found: Partition, earlier: dict[str, str]
) -> tuple[dict[str, str], set[str]]:
    count = len(found.centres)
    members = [[str(row) for row in rows[found.themes == number]] for number in range(count)]
    matching = match_themes(earlier, members, old_centres={}, centres=found.centres)
    ids = [one or f"{week}.{number}" for number, one in enumerate(matching.ids)]
    return {case: id for id, cases in zip(ids, members, strict=True) for case in cases}, set(ids)
