"""`python -m evals bench`: figures on public sets and of speed, each with its peer beside it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evals.bench.figures import Figures
from evals.bench.table import print_figures

Bench = Callable[..., None]
"""Fills the figures from the data folder, only those whose name begins with the third argument;
that of speed takes a number of rows as well."""


class Kind(StrEnum):
    """What is measured."""

    UNDERSTANDING = "understanding"
    SPEED = "speed"
    THEMES = "themes"
    RADAR = "radar"
    DRIFT = "drift"


def bench(
    kind: Annotated[Kind, typer.Argument(help="What to measure.")],
    data: Annotated[Path | None, typer.Option(help="Folder of the public sets.")] = None,
    only: Annotated[str | None, typer.Option(help="Only figures that begin with this.")] = None,
    scale: Annotated[
        int | None, typer.Option("--rows", help="Speed: this many messages, for a quick look.")
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write flat JSON here.")] = None,
) -> None:
    """Measure and print; a figure that could not be measured is empty with its reason."""
    if scale is not None and kind is not Kind.SPEED:
        raise typer.BadParameter("--rows is for speed only")
    figures = Figures()
    more = () if scale is None else (scale,)
    _load(kind)(figures, data, only, *more)
    print_figures(figures, Console())
    if json is not None:
        figures.write(json)


def _load(kind: Kind) -> Bench:
    """The module of this name holds a function of the same name; loaded only when asked for."""
    found: Bench = getattr(import_module(f"evals.bench.{kind}"), kind)
    return found
