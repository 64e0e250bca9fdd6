"""A matrix in the terminal: a table a prompt version, a column a model."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.matrix.model import Cell, Difference, Matrix
from evals.model import OVERALL, OWN
from evals.report.spent import UNKNOWN, calls, money, seconds, tokens

_COLOURS = {"better": "green", "worse": "red", "same": "dim"}


def print_matrix(matrix: Matrix, console: Console) -> None:
    """Figures with intervals, the gain on the reference, and what a cell took."""
    console.print(f"{matrix.task}: {matrix.cases} cases of {matrix.dataset}, seed {matrix.seed}")
    for prompt in matrix.prompts:
        console.print(_table(matrix, prompt))
    for cell in matrix.cells:
        if note := remark(cell):
            console.print(f"  {escape(f'{cell.prompt} × {cell.model}: {note}')}", style="yellow")
    console.print(f"  {escape(family(matrix))}", style="dim")


def remark(cell: Cell) -> str:
    """What a reader must know of a cell, if anything."""
    if cell.unscored:
        return f"unscored, {cell.unscored}"
    return f"{cell.lost} cases unscored, the model gave no answer" if cell.lost else ""


def family(matrix: Matrix) -> str:
    """What the words rest on."""
    if matrix.reference is None:
        return "No cell is scored."
    first = matrix.cells[matrix.reference]
    tests = sum(one.changed > 0 for cell in matrix.cells for one in cell.differences)
    return (
        f"Compared with {first.prompt} × {first.model}, case by case; better and worse are beyond "
        f"chance over the {tests} differences there are (Holm)."
    )


def took(cell: Cell) -> tuple[tuple[str, str], ...]:
    """What the cell's answers took: names and texts."""
    if cell.unscored:
        return ()
    each = cell.usage.tokens / cell.answers if cell.usage and cell.answers else None
    return (
        ("calls", calls(cell.usage)),
        ("tokens", tokens(cell.usage)),
        ("tokens an answer", UNKNOWN if each is None else f"{each:,.0f}"),
        ("cost", money(cell.usage)),
        ("p50 · p95", f"{seconds(cell.p50)} · {seconds(cell.p95)}"),
    )


def _table(matrix: Matrix, prompt: str) -> Table:
    table = Table(title=escape(prompt), title_justify="left")
    table.add_column("measure", overflow="fold")
    for model in matrix.models:
        table.add_column(escape(model), justify="right", overflow="fold")
    row = matrix.row(prompt)
    for metric in matrix.measures:
        table.add_row(metric, *(_figure(cell, metric) for cell in row))
        if OWN in matrix.slices:
            table.add_row(f"{metric} (own)", *(_figure(cell, metric, OWN) for cell in row))
    names = next((tuple(name for name, _ in took(cell)) for cell in row if took(cell)), ())
    for name in names:
        table.add_row(name, *(dict(took(cell)).get(name, UNKNOWN) for cell in row))
    return table


def _figure(cell: Cell, metric: str, slice_name: str = OVERALL) -> str:
    figure = cell.figure(metric, slice_name)
    if figure is None or figure.value is None:
        return UNKNOWN
    told = f"{figure.value:.3f}"
    if figure.low is not None and figure.high is not None:
        told += f" [dim]{figure.low:.2f}…{figure.high:.2f}[/]"
    gain = cell.difference(metric, slice_name)
    return f"{told} {_gain(gain)}" if gain else told


def _gain(gain: Difference) -> str:
    word = "" if gain.word == "same" else f" {gain.word}"
    return f"[{_COLOURS[gain.word]}]{gain.difference:+.3f}{word}[/]"
