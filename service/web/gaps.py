"""Gaps with the privacy floor kept."""

from __future__ import annotations

from collections.abc import Iterable

from service.ports.insights import ClausePair, Gap


def above_floor(gaps: Iterable[Gap], least: int) -> tuple[Gap, ...]:
    """Where fewer people than `least` ask, neither their cases nor the theme are named."""
    return tuple(
        one if one.authors >= least else one.model_copy(update={"evidence": (), "theme_id": None})
        for one in gaps
    )


def pairs_above_floor(pairs: Iterable[ClausePair], least: int) -> tuple[ClausePair, ...]:
    """Clauses are the community's own and always named; cases of fewer people are not."""
    return tuple(
        one if one.authors >= least else one.model_copy(update={"evidence": ()}) for one in pairs
    )
