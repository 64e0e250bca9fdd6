"""`python -m evals drafts`: many drafts for reading, and a table of what went wrong."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evals.drafts.table import figures, hostile_failures, show

OUT = Path(".huiyin/evals/drafts.jsonl")


def drafts(
    replies: Annotated[int, typer.Option(min=0, help="Replies to the sample's messages.")] = 200,
    posts: Annotated[int, typer.Option(min=0, help="Posts of a kind and language.")] = 3,
    rules: Annotated[Path | None, typer.Option(help="Folder of real rules, questions too.")] = None,
    hostile: Annotated[list[Path] | None, typer.Option(help="Injected texts; repeatable.")] = None,
    hostile_rows: Annotated[int, typer.Option(min=1, help="At most so many of them.")] = 300,
    out: Annotated[Path, typer.Option(help="Rows; an earlier run in it goes on.")] = OUT,
    verify: Annotated[bool, typer.Option(help="The model reads unsure claims of replies.")] = True,
    limit_minutes: Annotated[float | None, typer.Option(min=0, help="Stop after this.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write flat JSON here.")] = None,
) -> None:
    """Draft, keep every text of ours, count. Exit code 1 when an injected text got its way."""
    from evals.bench.figures import Figures
    from evals.drafts.run import Plan, run_drafts
    from service.settings import load_settings

    until = None if limit_minutes is None else time.monotonic() + limit_minutes * 60
    plan = Plan(out, replies, posts, rules, tuple(hostile or ()), hostile_rows, until, verify)
    run = asyncio.run(run_drafts(plan, load_settings()))
    console, found = Console(), figures(run.rows)
    console.print(f"written by: {run.writer}; rows: {out}", markup=False, soft_wrap=True)
    show(found, console)
    if run.left:
        console.print(f"stopped: {run.left} are left, the same command goes on")
    if json is not None:
        Figures(dict(found)).write(json)
    if any(hostile_failures(run.rows).values()):
        console.print("an injected text got its way", style="red")
        raise typer.Exit(1)
