"""A measure over every slice of the cases, for bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from evals.model import OVERALL, EvalRun, Figure


class Group(NamedTuple):
    """The slices of one kind (language, category, tag…), the lowest first."""

    kind: str
    figures: tuple[Figure, ...]


class Sliced(NamedTuple):
    """A measure over all cases and over its slices. `empty` counts slices none of whose cases
    could be scored: those have no bar. `lowest` is that of the slices with more than a few."""

    metric: str
    overall: Figure | None
    groups: tuple[Group, ...]
    empty: int
    lowest: Figure | None


ENOUGH = 10
"""Cases a slice must have to be named as the lowest; of fewer one tells nothing."""


def sliced(run: EvalRun) -> tuple[Sliced, ...]:
    """A row per measure with any slice, in the order the scorers gave them."""
    metrics = dict.fromkeys(figure.metric for figure in run.figures)
    return tuple(_sliced(run, metric) for metric in metrics)


def short(figure: Figure) -> str:
    """A slice's name without its kind."""
    return figure.slice.partition(":")[2] or figure.slice


def _sliced(run: EvalRun, metric: str) -> Sliced:
    found = [one for one in run.figures if one.metric == metric and one.slice != OVERALL]
    scored = [one for one in found if one.value is not None]
    many = [one for one in scored if one.n >= ENOUGH]
    lowest = min(many, key=lambda one: one.value or 0.0, default=None)
    groups = tuple(_groups(scored))
    return Sliced(metric, run.figure(metric), groups, len(found) - len(scored), lowest)


def _groups(figures: Sequence[Figure]) -> Iterator[Group]:
    def kind(figure: Figure) -> str:
        return figure.slice.partition(":")[0]

    order = {name: at for at, name in enumerate(dict.fromkeys(map(kind, figures)))}
    ranked = sorted(figures, key=lambda one: (order[kind(one)], one.value or 0.0))
    for name, members in groupby(ranked, key=kind):
        yield Group(name, tuple(members))
