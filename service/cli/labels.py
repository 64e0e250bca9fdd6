"""`huiyin labels judge`: a model judges texts, is measured by people, and gates where it may."""

from __future__ import annotations

from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.flows.judging import Judging
from service.quality.bar import JudgedShare

IGNORED = 3
"""Exit code where no judge may say anything: inconclusive, as in evals."""


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Judging of texts by rubrics.", no_args_is_help=True)
    group.callback()(_labels)
    group.command("judge")(judge)
    app.add_typer(group, name="labels")


def _labels() -> None:
    """Keeps the one command a command of the group."""


def judge(
    community: Annotated[str, typer.Argument(help="Community id.")],
    rubric: Annotated[str, typer.Argument(help="Rubric id, such as grounded.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Texts a language.")] = 100,
    everything: Annotated[bool, typer.Option(help="Also texts no person judged.")] = False,
    at_least: Annotated[
        float, typer.Option(min=0, max=1, help="Share of texts that must pass.")
    ] = 0.9,
) -> None:
    """Judge with the configured model, print its agreement with people. Exit code 0: every share
    reaches the bar; 1: one does not; 3: a judge is below kappa 0.6 and its share is ignored."""

    async def inside(application: Application) -> Judging:
        return await application.judging.run(
            community, rubric, limit=limit, at_least=at_least, everything=everything
        )

    done = console.run(inside)
    typer.echo(f"{done.labelled} judged, {done.unjudged} without a verdict")
    for one in done.shares:
        typer.echo(_line(one))
    raise typer.Exit(_code(done))


def _line(one: JudgedShare) -> str:
    known = one.kappa is not None and one.kappa.value is not None
    kappa = f"{one.kappa.value:.2f}" if one.kappa and known else "unknown"
    pairs = one.kappa.n if one.kappa else 0
    return (
        f"{one.lang.value}  {one.verdict}  passed {one.passed.value:.2f} of {one.passed.n}  "
        f"kappa with people {kappa} ({pairs} pairs)  {one.judge}"
    )


def _code(done: Judging) -> int:
    verdicts = {one.verdict for one in done.shares}
    if "fail" in verdicts:
        return 1
    return 0 if verdicts == {"pass"} else IGNORED
