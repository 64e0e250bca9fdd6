"""`python -m evals trend`: how the measures moved over the stored runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from evals.console import console
from evals.errors import NoCases
from evals.report.history import print_trend
from evals.suite import BASELINES
from evals.trend import as_json, read_history
from evals.trend import trend as trend_of


def trend(
    task: Annotated[
        list[str] | None, typer.Option("--task", help="Only this task; repeatable.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of runs.")] = Path(".huiyin/evals"),
    baselines: Annotated[Path, typer.Option(help="Folder of baselines.")] = BASELINES,
    most: Annotated[int, typer.Option(min=1, help="So many runs a task, the newest.")] = 20,
) -> None:
    """Show each measure over the stored runs and baselines; a run of other cases than the newest
    is marked, for its values cannot be compared. Writes trend.json into the folder."""
    history = read_history(out, baselines, task, most)
    for path in history.unreadable:
        console.print(f"left out, not a run of this version: {escape(str(path))}")
    if not history.runs:
        raise NoCases("There are no stored runs; start with `python -m evals run`.")
    lines = trend_of(history.runs)
    print_trend(lines, console)
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(lines), ensure_ascii=False, indent=1) + "\n"
    (out / "trend.json").write_text(text, encoding="utf-8")
