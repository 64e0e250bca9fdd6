"""Charts as coordinates; the templates draw them as SVG, so they show without any script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

WIDTH, HEIGHT = 640, 120
"""Size of the drawing, in its own units; the page scales it."""


class Mark(NamedTuple):
    """A labelled place under the axis."""

    x: float
    at: datetime


class Chart(NamedTuple):
    """An area over time: `area` and `line` are path data, `most` is the highest value."""

    line: str
    area: str
    most: int
    marks: tuple[Mark, ...]


def chart(starts: Sequence[datetime], counts: Sequence[int], *, marks: int = 4) -> Chart:
    """The chart of a series, oldest first."""
    most = max(counts, default=0)
    step = WIDTH / max(1, len(counts) - 1)
    top = max(1, most)
    points = [
        f"{round(n * step, 1):g},{round(HEIGHT - HEIGHT * count / top, 1):g}"
        for n, count in enumerate(counts)
    ]
    line = "M" + " L".join(points) if points else ""
    area = f"{line} L{WIDTH},{HEIGHT} L0,{HEIGHT} Z" if points else ""
    every = max(1, len(starts) // marks)
    shown = tuple(Mark(round(n * step, 1), starts[n]) for n in range(0, len(starts), every))
    return Chart(line, area, most, shown[: marks + 1])
