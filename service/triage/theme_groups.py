"""Wider topics above themes: centres joined by average linkage (Sokal and Michener, 1958)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.types import FloatMatrix

_THEMES_A_GROUP = 5
_ALIKE = 0.30
"""Least mean cosine between the themes of one topic."""


def group_themes(centres: FloatMatrix, sizes: Sequence[int]) -> tuple[int, ...]:
    """Topic number of each theme; topics with most texts first.

    Themes that are like none others are topics of their own.

    Args:
        centres: unit vectors, shape (themes, dim).
        sizes: texts of each theme.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(centres) < 2:
        return (0,) * len(centres)
    tree = linkage(centres.astype(np.float64), method="average", metric="cosine")
    wanted = max(1, round(len(centres) / _THEMES_A_GROUP))
    cut = min(1 - _ALIKE, float(tree[len(centres) - 1 - wanted, 2]))
    raw = fcluster(tree, cut, criterion="distance") - 1
    order = np.argsort(-np.bincount(raw, weights=np.asarray(sizes)), kind="stable")
    place = {int(number): place for place, number in enumerate(order)}
    return tuple(place[int(number)] for number in raw)
