"""What all pages are made with: the templates of this folder, every text escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evals.model import Figure
from evals.report.spent import UNKNOWN, cells, place, seconds


def environment() -> Environment:
    """A template that names what is not given raises."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"figure": _number, "cells": cells, "place": place, "seconds": seconds}
    return made


def _number(figure: Figure | None) -> str:
    return UNKNOWN if figure is None or figure.value is None else f"{figure.value:.3f}"
