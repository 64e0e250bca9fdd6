"""`python -m evals labels`: stored answers as texts for people to label."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.console import console
from evals.judges.people import items_of, write_items
from evals.store import load_run
from service.triage.build import build_redactor


def labels(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Runs of draft or posts.")],
    rubric: Annotated[str, typer.Option(help="grounded, answers, tone, language or refusal.")],
    json: Annotated[Path, typer.Option(help="Write the texts here.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Cases a language of each run.")] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the order.")] = 7,
) -> None:
    """Write stored answers as texts that people label blind: `huiyin labels import COMMUNITY FILE`
    puts them on the page. Nothing in them says who wrote them."""
    redact = build_redactor().redact
    given = [load_run(path) for path in runs]
    found = items_of(given, rubric, lambda text: redact(text).text, limit=limit, seed=seed)
    path = write_items(found, json)
    console.print(f"{len(found.items)} texts: {path}", markup=False, soft_wrap=True)
