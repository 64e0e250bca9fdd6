"""`python -m evals reproduce RUN`: does the record lead to the same answers?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from evals.asking import manner
from evals.console import bar, console
from evals.registry import registry
from evals.reproduce import reproduce as run_again
from evals.reproduce import write_reproduction
from evals.store import load_run
from evals.suite import Plan

MOST_SHOWN = 50


def reproduce(
    run: Annotated[Path, typer.Argument(help="A stored run (folder or run.json).")],
    out: Annotated[Path, typer.Option(help="Folder of the new run.")] = Path(
        ".huiyin/evals/reproduced"
    ),
    state: Annotated[
        Path | None, typer.Option(help="Folder with the parts that were not as shipped.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Although something differs.")] = False,
) -> None:
    """Run a stored run again: the same cases and settings, and whether each answer is the same."""
    from evals.production import ProductionEngines
    from evals.record import settings_like
    from evals.state import State
    from evals.state_files import read_state
    from service.settings import load_settings

    stored, at = load_run(run), datetime.now(UTC)
    plan = Plan(out, at, manner=manner(cached=False))
    parts = read_state(state, out / "state") if state else State()
    engines = ProductionEngines(settings_like(stored.manifest.settings, load_settings()), parts)
    found = run_again(stored, engines, registry(), plan, bar, anyway=anyway)
    different = [case for case, same in found.equal.items() if not same]
    for case in different[:MOST_SHOWN]:
        console.print(f"  different: {escape(case)}")
    if len(different) > MOST_SHOWN:
        console.print(f"  and {len(different) - MOST_SHOWN} more")
    who = "a model was asked" if found.run.asked else "no model was asked"
    equal = len(found.equal) - len(different)
    console.print(f"{equal} of {len(found.equal)} answers are the same ({found.share:.1%}); {who}")
    path = write_reproduction(found, stored, out / found.run.manifest.id / "reproduction.json")
    console.print(f"case by case: {path}", soft_wrap=True)
    raise typer.Exit(0 if found.settled else 1)
