"""Simulated weeks: each sees most of the last week's messages and some new ones, and clusters
them again. Whether ids last is decided by the matching the product runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evals.theme_weeks import carried, kept, spillover
from retrieval.types import FloatMatrix
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
    lasted, spilt, outside = [], [], []
    earlier: dict[str, str] = {}
    living: set[str] = set()
    for week in range(WEEKS):
        start = int(week * _STEP * len(order))
        rows = order[start : start + int(_WINDOW * len(order))]
        found = finder.partition([texts[row] for row in rows], vectors[rows])
        spilt.append(spillover([labels[row] for row in rows], found.themes.tolist()))
        outside.append(float((found.themes < 0).mean()))
        earlier, ids = carried(earlier, _members(rows, found), found.centres, week)
        if week:
            lasted.append(kept(living, ids))
        living = ids
    return Lasting(float(np.mean(lasted)), float(np.mean(spilt)), float(np.mean(outside)))


def _members(rows: NDArray[np.int64], found: Partition) -> list[list[str]]:
    count = len(found.centres)
    return [[str(row) for row in rows[found.themes == number]] for number in range(count)]
