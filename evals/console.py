"""The terminal the commands write to, and the bar that shows how far a task is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from evals.cases import TaskName
from evals.run import Progress as Report

console = Console()


@contextmanager
def bar(task: TaskName, total: int) -> Iterator[Report]:
    """A bar for a task of so many cases."""
    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        line = progress.add_task(task, total=total)
        yield lambda done: progress.advance(line, done)
