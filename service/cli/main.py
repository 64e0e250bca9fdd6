"""The command tree."""

from __future__ import annotations

import typer

from service.cli import (
    bank,
    communities,
    demo,
    evaluations,
    ingest,
    jobs,
    labels,
    llm,
    people,
    posts,
    previews,
    prompts,
    radar,
    routing,
    rules,
    samples,
    serve,
    settings,
    triage,
    upkeep,
)
from service.cli.console import plain_errors

app = typer.Typer(
    help="Huiyin 回音: feedback triage and content desk for communities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (
    demo,
    serve,
    ingest,
    triage,
    routing,
    rules,
    bank,
    posts,
    prompts,
    evaluations,
    previews,
    communities,
    people,
    labels,
    samples,
    jobs,
    llm,
    radar,
    upkeep,
    settings,
):
    module.register(app)


def main() -> None:
    """Entry point; expected errors are one sentence on standard error."""
    with plain_errors():
        app()
