"""How well themes agree with what people say belongs together, and whether they last from one run
to the next. Whether ids last is decided by the matching the product runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from retrieval.types import FloatMatrix
from service.triage.theme_matching import match_themes


class Agreement(NamedTuple):
    """V measure (Rosenberg and Hirschberg, 2007) and adjusted Rand index."""

    v: float
    ari: float


def agreement(labels: Sequence[str], themes: Sequence[int]) -> Agreement:
    """What is in no theme (below 0) counts as one group of its own."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    return Agreement(
        float(v_measure_score(labels, themes)), float(adjusted_rand_score(labels, themes))
    )


def spillover(labels: Sequence[str], themes: Sequence[int]) -> float:
    """Of the messages in themes, the share that is not in the main theme of its question."""
    placed: dict[str, Counter[int]] = defaultdict(Counter)
    for label, theme in zip(labels, themes, strict=True):
        if theme >= 0:
            placed[label][int(theme)] += 1
    inside = sum(sum(one.values()) for one in placed.values())
    main = sum(max(one.values()) for one in placed.values())
    return 1 - main / max(1, inside)


def carried(
    earlier: Mapping[str, str],
    members: Sequence[Sequence[str]],
    centres: FloatMatrix,
    week: int,
) -> tuple[dict[str, str], set[str]]:
    """Case id to theme id after a run, and the ids of its themes; newborn ones get a fresh id.

    Args:
        earlier: case id to theme id of the run before.
        members: case ids of each theme found.
        centres: shape (themes, dim).
        week: number of the run.
    """
    matching = match_themes(earlier, members, old_centres={}, centres=np.asarray(centres))
    ids = [one or f"{week}.{number}" for number, one in enumerate(matching.ids)]
    return {case: id for id, cases in zip(ids, members, strict=True) for case in cases}, set(ids)


def kept(before: set[str], after: set[str]) -> float:
    """Share of themes whose id lives on."""
    return len(before & after) / len(before)
