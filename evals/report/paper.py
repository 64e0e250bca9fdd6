"""What all pages are made with: the templates of this folder, every text escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evals.model import Figure
from evals.report.sliced import short
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
    made.filters |= {"percent": _percent, "short": short}
    return made


def _number(figure: Figure | None) -> str:
    return UNKNOWN if figure is None or figure.value is None else f"{figure.value:.3f}"


def _percent(share: float | None) -> str:
    """A length in a bar; what lies outside of 0 to 1 is cut."""
    return f"{100 * min(1.0, max(0.0, share or 0.0)):.1f}%"
