"""A matrix as one self-contained HTML file; every text passes Jinja's escaping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.cases import Sample
from evals.matrix.model import Cell, Matrix
from evals.matrix.run import Filled
from evals.matrix.table import family, remark, took
from evals.report.paper import environment
from evals.report.said import said, wanted

MOST_TEXTS = 200
"""Cases shown with their answers in every cell."""

MOST_CHARTS = 3


class Dot(NamedTuple):
    """A cell in a chart: its number on the page, where it stands across, its value."""

    number: int
    name: str
    unit: str
    across: float
    value: float


class Shown(NamedTuple):
    """A case: what was said and wanted, and what each cell gave (number and text)."""

    number: int
    text: str
    wanted: str
    given: tuple[tuple[int, str], ...]


def render_matrix(matrix: Matrix, cells: Sequence[Filled]) -> str:
    """The page as HTML; it loads nothing. `cells` are those the matrix was made of."""
    ids = list(dict.fromkeys(one.sample_id for cell in matrix.cells for one in cell.moved))
    page = environment().get_template("matrix.html")
    return page.render(
        matrix=matrix,
        family=family(matrix),
        charts=tuple(_charts(matrix)),
        texts=_texts(ids[:MOST_TEXTS], cells),
        more=max(0, len(ids) - MOST_TEXTS),
        remark=remark,
        took=took,
    )


def write_matrix(matrix: Matrix, cells: Sequence[Filled], out: Path) -> Path:
    """Write `matrix.json` and `matrix.html`; returns the page."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "matrix.json").write_text(matrix.model_dump_json(indent=1) + "\n", encoding="utf-8")
    page = out / "matrix.html"
    page.write_text(render_matrix(matrix, cells), encoding="utf-8")
    return page


def _charts(matrix: Matrix) -> Iterator[tuple[str, tuple[Dot, ...]]]:
    """The first measures by what an answer costs; by its tokens or seconds where not all that are
    scored have a price."""
    scored = [(at + 1, cell) for at, cell in enumerate(matrix.cells) if not cell.unscored]
    for unit in ("cost", "tokens", "seconds"):
        across = [(at, cell, _each(cell, unit)) for at, cell in scored]
        if len(across) > 1 and all(each is not None for _, _, each in across):
            for metric in matrix.measures[:MOST_CHARTS]:
                if dots := tuple(_dots(across, metric, unit)):
                    yield metric, dots
            return


def _dots(
    across: Sequence[tuple[int, Cell, float | None]], metric: str, unit: str
) -> Iterator[Dot]:
    for number, cell, each in across:
        figure = cell.figure(metric)
        if figure is not None and figure.value is not None and each is not None:
            yield Dot(number, f"{cell.prompt} × {cell.model}", unit, each, figure.value)


def _each(cell: Cell, unit: str) -> float | None:
    if unit == "seconds":
        return cell.p50
    used = cell.usage
    spent = None if used is None else used.cost if unit == "cost" else used.tokens
    return spent / cell.answers if spent is not None and cell.answers else None


def _texts(ids: Sequence[str], cells: Sequence[Filled]) -> dict[str, Shown]:
    runs = [(at + 1, cell.run) for at, cell in enumerate(cells) if cell.run is not None]
    samples: dict[str, Sample] = {one.id: one for _, run in runs for one in run.samples}
    given = [(at, {one.sample_id: one for one in run.outputs}) for at, run in runs]
    return {
        key: Shown(
            number,
            samples[key].text,
            wanted(samples[key]),
            tuple((at, said(of[key].answer or of[key].failure)) for at, of in given if key in of),
        )
        for number, key in enumerate(ids)
    }
