"""`python -m evals matrix`: prompt versions by models over the same cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from evals.asking import manner
from evals.cases import TaskName
from evals.console import bar, console
from evals.errors import EvalError
from evals.matrix.axes import models, versions
from evals.matrix.build import matrix as build
from evals.matrix.page import write_matrix
from evals.matrix.run import Asking, filled
from evals.matrix.table import print_matrix
from evals.registry import registry
from evals.suite import Plan
from evals.thresholds import FILE, TaskBars, load_thresholds


def matrix(
    task: Annotated[str, typer.Option(help="draft, posts or attacks.")] = "draft",
    prompt: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=FILE", help="A further row: a prompt's other text; repeatable."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=BASE_URL]",
            help="A column: a model, a configured provider, or none for templates; repeatable.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Draw so many cases.")] = None,
    own: Annotated[
        Path | None,
        typer.Option("--own", help="A community's own cases: a file or a folder; all are asked."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of draws and intervals.")] = 7,
    resume: Annotated[bool, typer.Option(help="Continue the newest run of each cell.")] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Ask the models anew, keep nothing.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder of runs and reports.")] = Path(
        ".huiyin/evals/matrix"
    ),
    thresholds: Annotated[Path, typer.Option(help="Names the measures of a task.")] = FILE,
) -> None:
    """Ask each model with each version of the prompts about the same cases, and compare every cell
    with the first. Exit code 3 where no cell could be scored."""
    from evals.production import ProductionEngines
    from service.settings import load_settings

    named, settings = _task(task), load_settings()
    rows, columns = versions(prompt or (), named), models(model or (), settings.llm)
    plan = Plan(out, datetime.now(UTC), seed, limit, resume, own=own)
    plan = replace(plan, manner=manner(cached=not no_cache))
    asking = Asking(named, ProductionEngines(settings), registry(), plan, bar)
    cells = filled(rows, columns, asking)
    bars = load_thresholds(thresholds).tasks.get(named, TaskBars())
    made = build(cells, rows, columns, asking, bars)
    print_matrix(made, console)
    page = write_matrix(made, cells, out)
    console.print(f"matrix: {page.resolve()}", soft_wrap=True)
    raise typer.Exit(0 if made.reference is not None else 3)


def _task(name: str) -> TaskName:
    if name not in get_args(TaskName):
        raise EvalError(f"There is no task {name}; choose from {', '.join(get_args(TaskName))}.")
    return cast("TaskName", name)
