"""`huiyin radar …`: look for what stands out."""

from __future__ import annotations

from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.alert import Reading
from service.domain.drift import Shift


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="What stands out.", no_args_is_help=True)
    group.callback()(lambda: None)
    group.command("run")(run)
    group.command("drift")(drift)
    app.add_typer(group, name="radar")


def run(community: Annotated[str, typer.Option(help="Community id.")]) -> None:
    """Read every series of a community now; alerts and incidents are stored."""

    async def inside(application: Application) -> tuple[Reading, ...]:
        return await application.radar.run(community)

    readings = console.run(inside)
    for reading in sorted(readings, key=lambda one: (-one.level, -one.surprise)):
        console.out.print(
            f"{reading.level}  {reading.observed:5} / {reading.baseline:7.1f}  "
            f"{reading.authors:4}  {reading.metric.name}",
            markup=False,
        )
    raised = sum(reading.level > 0 for reading in readings)
    console.out.print(f"{len(readings)} series, {raised} stand out")


def drift(community: Annotated[str, typer.Option(help="Community id.")]) -> None:
    """Compare the shares of a community now; alarms are stored."""

    async def inside(application: Application) -> tuple[Shift, ...]:
        return await application.drift.run(community)

    shifts = console.run(inside)
    for shift in sorted(shifts, key=lambda one: (-one.level, -one.surprise)):
        console.out.print(_line(shift), markup=False)
    moved = {shift.measure for shift in shifts if shift.level}
    console.out.print(f"{len({one.measure for one in shifts})} compared, {len(moved)} moved")


def _line(shift: Shift) -> str:
    keys = ", ".join(
        f"{one.key} {one.before.value or 0:.1%} -> {one.after.value or 0:.1%}"
        for one in shift.moves
    )
    place = f"{shift.measure.value:11} {shift.window.value:4}"
    return f"{shift.level}  {place} {shift.n:6} / {shift.n_reference:6}  {keys}".rstrip()
