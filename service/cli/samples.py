"""`huiyin samples …`: the community's own test cases as files for the evaluation suite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Test cases grown from people's work.", no_args_is_help=True)
    group.callback()(_samples)
    group.command("export")(export)
    app.add_typer(group, name="samples")


def _samples() -> None:
    """Keeps the one command a command of the group."""


def export(
    community: Annotated[str, typer.Argument(help="Community id.")],
    out: Annotated[Path, typer.Option(help="Folder the files are written to.")],
) -> None:
    """Write what was accepted, a file a task, for `python -m evals run --own FOLDER`."""

    async def inside(application: Application) -> dict[str, str]:
        return await application.sample_desk.files(community)

    found = console.run(inside)
    out.mkdir(parents=True, exist_ok=True)
    for name, lines in found.items():
        (out / name).write_text(lines, encoding="utf-8")
        typer.echo(f"{out / name}: {lines.count(chr(10))}")
    if not found:
        typer.echo("no test case was accepted yet")
