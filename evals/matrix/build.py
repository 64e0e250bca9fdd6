"""Filled cells become a matrix: figures, what they took, and how they stand to the reference."""

from __future__ import annotations

from collections.abc import Sequence

from evals.manifest import revision
from evals.matrix.axes import Model, Version
from evals.matrix.model import Cell, Matrix, is_shown
from evals.matrix.paired import corrected, differences, moved
from evals.matrix.run import Asking, Filled
from evals.model import EvalRun
from evals.report.spent import spent
from evals.thresholds import TaskBars


def matrix(
    cells: Sequence[Filled],
    rows: Sequence[Version],
    columns: Sequence[Model],
    asking: Asking,
    bars: TaskBars,
) -> Matrix:
    """The measures are those the gate names for the task."""
    measures = (*bars.written, *bars.regression)
    scored = [at for at, cell in enumerate(cells) if cell.run is not None]
    first = cells[scored[0]].run if scored else None
    made = tuple(_cell(cell, first, measures) for cell in cells)
    return Matrix(
        task=asking.task,
        at=asking.plan.at,
        seed=asking.plan.seed,
        revision=revision(),
        dataset=first.manifest.dataset if first else "",
        cases=len(first.samples) if first else 0,
        measures=measures,
        prompts={row.name: row.hashes for row in rows},
        models=tuple(column.name for column in columns),
        reference=scored[0] if scored else None,
        cells=corrected(made),
    )


def _cell(cell: Filled, reference: EvalRun | None, measures: Sequence[str]) -> Cell:
    bare = Cell(
        prompt=cell.version.name, model=cell.model.name, unscored=cell.unscored, lost=cell.lost
    )
    if cell.run is None or reference is None:
        return bare
    (took,) = spent([cell.run])
    other = cell.run is not reference
    told = {
        "run": cell.run.manifest.id,
        "answers": took.answers,
        "figures": tuple(
            one for one in cell.run.figures if one.metric in measures and is_shown(one.slice)
        ),
        "differences": tuple(differences(reference, cell.run, measures)) if other else (),
        "moved": tuple(moved(reference, cell.run, measures)) if other else (),
        "usage": took.usage,
        "p50": took.waits.median if took.waits else None,
        "p95": took.waits.most if took.waits else None,
    }
    return bare.model_copy(update=told)
