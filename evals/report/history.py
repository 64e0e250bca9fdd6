"""The trend in the terminal: the runs, and a row of blocks per measure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.trend import Line, Point

_BLOCKS = "▁▂▃▄▅▆▇█"
OTHER, MISSING = "x", "·"
"""Stand for a run of other cases, and one without the measure."""


def print_trend(lines: Iterable[Line], console: Console) -> None:
    """Two tables a task: its runs, and its measures over them, oldest left."""
    for task, found in groupby(lines, key=lambda line: line.task):
        of = tuple(found)
        console.print(_runs(task, of[0].points))
        console.print(_measures(task, of))


def sparkline(points: Sequence[Point]) -> str:
    """A block per run between the least and the greatest comparable value; `x` is a run of other
    cases, `·` one without a value."""
    kept = [p.value for p in points if p.comparable and p.value is not None]
    low, high = min(kept, default=0.0), max(kept, default=0.0)
    return "".join(_mark(point, low, high) for point in points)


def _mark(point: Point, low: float, high: float) -> str:
    if not point.comparable:
        return OTHER
    if point.value is None:
        return MISSING
    height = (point.value - low) / (high - low) if high > low else 0.5
    return _BLOCKS[round(height * (len(_BLOCKS) - 1))]


def _runs(task: str, points: Sequence[Point]) -> Table:
    table = Table(
        "run", "date", "revision", "cases", "", title=f"{task}: runs", title_justify="left"
    )
    for one in points:
        revision = (one.revision or "none")[:10] + (" with changes" if one.dirty else "")
        note = "" if one.comparable else "other cases: not comparable"
        table.add_row(escape(one.run), f"{one.at:%Y-%m-%d %H:%M}", revision, one.cases, note)
    return table


def _measures(task: str, lines: Sequence[Line]) -> Table:
    table = Table("measure", "runs", title=f"{task}: measures", title_justify="left")
    for name in ("first", "newest", "95 % interval"):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(escape(line.metric), sparkline(line.points), *_ends(line.points))
    return table


def _ends(points: Sequence[Point]) -> tuple[str, str, str]:
    kept = [p for p in points if p.comparable and p.value is not None]
    if not kept:
        return "–", "–", ""
    low, high = kept[-1].low, kept[-1].high
    between = "" if low is None or high is None else f"{low:.3f} … {high:.3f}"
    return f"{kept[0].value:.3f}", f"{kept[-1].value:.3f}", between
