"""How far a long benchmark is, on standard error: results alone go to standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Follow = Callable[[Sequence[str], Callable[[], None]], None]
"""Runs a step and shows the figures it takes."""


@contextmanager
def following(total: int) -> Iterator[Follow]:
    """A bar over so many steps; what is being measured stands beside it."""
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        line = progress.add_task("", total=total)

        def follow(names: Sequence[str], step: Callable[[], None]) -> None:
            progress.update(line, description=names[0])
            step()
            progress.advance(line)

        yield follow
