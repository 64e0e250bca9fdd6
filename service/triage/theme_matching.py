"""Which theme of this run is which of the earlier ones, so that ids last.

Pairs are chosen together by linear assignment (Kuhn, 1955) on the Jaccard index of the cases both
runs saw; where no cases are shared, centres that all but coincide decide. What an earlier theme
lost to others is its descent (after MONIC, Spiliopoulou et al., 2006).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix, FloatVector

_ALIKE = 0.15
"""Least Jaccard index of a theme and its continuation."""

_PART = 0.5
"""A theme goes on in another one where so much of the smaller of the two is shared."""

_SAME_PLACE = 0.92
"""Least cosine of two centres that are one theme although they share no case."""

_SPLIT_OFF = 0.3
"""A new theme split from an earlier one when so many of its known cases come from there."""

_FOLDED = 0.5
"""A theme people merged others into takes back what would split off again, from this share on."""


class Heir(NamedTuple):
    """An earlier theme of which cases went on in a new one; `share` of its cases."""

    theme_id: str
    number: int
    share: float


class Matching(NamedTuple):
    """The earlier id of each new theme (None for newborn ones; one id may stand twice where
    people had merged), themes that split off, and earlier themes that went into others."""

    ids: tuple[str | None, ...]
    splits: tuple[Heir, ...]
    merges: tuple[Heir, ...]


def match_themes(
    earlier: Mapping[str, str],
    found: Sequence[Sequence[str]],
    *,
    old_centres: Mapping[str, FloatVector],
    centres: FloatMatrix,
    merged_by_people: frozenset[str] = frozenset(),
) -> Matching:
    """Match the themes of a run to the living ones.

    Args:
        earlier: case id to theme id before the run.
        found: case ids of each new theme.
        old_centres: centre of each living theme, shape (dim,).
        centres: centre of each new theme, shape (themes, dim).
        merged_by_people: living themes that people merged others into.
    """
    known = {case_id for cases in found for case_id in cases}
    sizes = Counter(theme for case_id, theme in earlier.items() if case_id in known)
    shared = [Counter(earlier[one] for one in cases if one in earlier) for cases in found]
    old = sorted(set(sizes) | set(old_centres))
    ids = _assign(old, sizes, shared, found, old_centres, centres)
    ids = _fold(ids, shared, merged_by_people)
    kept = {theme for theme in ids if theme is not None}
    return Matching(
        tuple(ids), tuple(_splits(ids, shared, kept, sizes)), tuple(_merges(sizes, shared, kept))
    )


def _assign(
    old: Sequence[str],
    sizes: Mapping[str, int],
    shared: Sequence[Mapping[str, int]],
    found: Sequence[Sequence[str]],
    old_centres: Mapping[str, FloatVector],
    centres: FloatMatrix,
) -> list[str | None]:
    from scipy.optimize import linear_sum_assignment

    if not old or not found:
        return [None] * len(found)
    scores = np.zeros((len(found), len(old)))
    place = {theme: column for column, theme in enumerate(old)}
    for row, counts in enumerate(shared):
        inside = sum(counts.values())
        for theme, both in counts.items():
            scores[row, place[theme]] = _overlap(both, inside, sizes[theme])
    scores += _coincidence(old, sizes, shared, old_centres, centres)
    rows, columns = linear_sum_assignment(-scores)
    ids: list[str | None] = [None] * len(found)
    for row, column in zip(rows, columns, strict=True):
        if scores[row, column] > 0:
            ids[row] = old[column]
    return ids


def _overlap(both: int, inside: int, size: int) -> float:
    """The Jaccard index; 0 where neither it nor the shared part is large enough."""
    jaccard = both / (inside + size - both)
    return jaccard if jaccard >= _ALIKE or both >= _PART * min(inside, size) else 0.0


def _coincidence(
    old: Sequence[str],
    sizes: Mapping[str, int],
    shared: Sequence[Mapping[str, int]],
    old_centres: Mapping[str, FloatVector],
    centres: FloatMatrix,
) -> NDArray[np.float64]:
    """A small score for centres at the same place, between themes that share no known case."""
    scores = np.zeros((len(shared), len(old)))
    columns = [n for n, theme in enumerate(old) if theme in old_centres and not sizes.get(theme)]
    rows = [n for n, counts in enumerate(shared) if not counts]
    if rows and columns:
        cosines = centres[rows] @ np.stack([old_centres[old[n]] for n in columns]).T
        scores[np.ix_(rows, columns)] = np.where(cosines >= _SAME_PLACE, 0.1 * cosines, 0.0)
    return scores


def _fold(
    ids: Sequence[str | None],
    shared: Sequence[Mapping[str, int]],
    merged_by_people: frozenset[str],
) -> list[str | None]:
    folded = list(ids)
    for number, counts in enumerate(shared):
        if ids[number] is None and counts:
            theme, both = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
            if theme in merged_by_people and both >= _FOLDED * sum(counts.values()):
                folded[number] = theme
    return folded


def _splits(
    ids: Sequence[str | None],
    shared: Sequence[Mapping[str, int]],
    kept: set[str],
    sizes: Mapping[str, int],
) -> list[Heir]:
    return [
        Heir(theme, number, both / sizes[theme])
        for number, counts in enumerate(shared)
        if ids[number] is None
        for theme, both in sorted(counts.items())
        if theme in kept and both >= _SPLIT_OFF * sum(counts.values())
    ]


def _merges(
    sizes: Mapping[str, int], shared: Sequence[Mapping[str, int]], kept: set[str]
) -> list[Heir]:
    """Earlier themes without a continuation, most of whose cases are in one new theme."""
    merges = []
    for theme, size in sorted(sizes.items()):
        number = max(range(len(shared)), key=lambda n: (shared[n].get(theme, 0), -n))
        if theme not in kept and shared[number].get(theme, 0) >= _PART * size:
            merges.append(Heir(theme, number, shared[number][theme] / size))
    return merges
