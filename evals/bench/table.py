"""Figures as a table: a block a set, ours in one column and each peer in its own."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.bench.figures import Figures

PEERS = ("words", "plain", "bertopic", "zscore")
"""Last parts of names that tell whose figure it is."""

OURS = "ours"


def print_figures(figures: Figures, console: Console) -> None:
    """One row a measure; a dash is a figure that is not there."""
    rows = _rows(figures)
    peers = [peer for peer in PEERS if any(peer in cells for cells in rows.values())]
    table = Table()
    for column in ("set", "measure"):
        table.add_column(column, overflow="fold")
    for column in (OURS, *peers):
        table.add_column(column, justify="right")
    table.add_column("note")
    last = None
    for (group, measure), cells in rows.items():
        if last is not None and group != last:
            table.add_section()
        values = (_shown(figures, cells.get(column)) for column in (OURS, *peers))
        note = escape(_reasons(figures, cells.values()))
        table.add_row("" if group == last else group, measure, *values, note)
        last = group
    console.print(table)


def _rows(figures: Figures) -> dict[tuple[str, str], dict[str, str]]:
    """Names of figures by set and measure, then by whose they are; those of one set together."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name in figures.values:
        group, _, measure = name.partition(".")
        owner = next((peer for peer in PEERS if measure.endswith(f".{peer}")), OURS)
        rows.setdefault((group, measure.removesuffix(f".{owner}")), {})[owner] = name
    groups = dict.fromkeys(group for group, _ in rows)
    return {key: cells for group in groups for key, cells in rows.items() if key[0] == group}


def _reasons(figures: Figures, names: Iterable[str]) -> str:
    """Why figures of a row are missing, each reason once."""
    found = dict.fromkeys(figures.notes[name] for name in names if name in figures.notes)
    return "; ".join(found)


def _shown(figures: Figures, name: str | None) -> str:
    value = None if name is None else figures.values[name]
    return "–" if value is None else f"{value:g}"
