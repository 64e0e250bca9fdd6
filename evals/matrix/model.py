"""Frozen values of a matrix."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from evals.cases import TaskName
from evals.model import OVERALL, OWN, Figure, is_whole
from evals.usage import Usage
from service.domain.base import Frozen, Instant, Lang

Word = Literal["better", "worse", "same"]
"""Beyond chance (Holm over all differences of the matrix), or not told apart."""


def is_shown(slice_name: str) -> bool:
    """Whether a matrix shows a slice: all cases, a language, or a community's own cases."""
    return is_whole(slice_name) or slice_name == OWN


class Difference(Frozen):
    """A cell minus the reference on the `n` cases both scored, `changed` of which have another
    value, with a 95 % paired interval; `p` is two-sided."""

    metric: str
    slice: str
    difference: float
    low: float
    high: float
    p: float
    n: int
    changed: int
    word: Word = "same"


class Moved(Frozen):
    """A case that a cell and the reference do not do equally well on."""

    sample_id: str
    metric: str
    before: float
    after: float

    @property
    def gained(self) -> bool:
        """Whether the cell does better."""
        return self.after > self.before


class Cell(Frozen):
    """One prompt version by one model. `unscored` says why there are no figures: never zeros."""

    prompt: str
    model: str
    run: str | None = None
    unscored: str | None = None
    lost: int = Field(0, ge=0, description="Cases the model gave no answer to: unscored.")
    answers: int = Field(0, ge=0)
    figures: tuple[Figure, ...] = ()
    differences: tuple[Difference, ...] = ()
    moved: tuple[Moved, ...] = ()
    usage: Usage | None = None
    p50: float | None = Field(None, description="Seconds an answer, median.")
    p95: float | None = Field(None, description="Seconds 95 % of the answers stayed below.")

    def figure(self, metric: str, slice_name: str = OVERALL) -> Figure | None:
        """The figure of a measure, if the cell has it."""
        wanted = (metric, slice_name)
        return next((f for f in self.figures if (f.metric, f.slice) == wanted), None)

    def difference(self, metric: str, slice_name: str = OVERALL) -> Difference | None:
        """The difference in a measure, if both cells have it."""
        wanted = (metric, slice_name)
        return next((d for d in self.differences if (d.metric, d.slice) == wanted), None)


class Matrix(Frozen):
    """Cells in the order of rows, then columns. `reference` is the place of the cell the others
    are compared with: the first that is scored; None where none is."""

    task: TaskName
    at: Instant
    seed: int
    revision: str | None
    dataset: str
    cases: int
    measures: tuple[str, ...]
    prompts: dict[str, dict[str, str]] = Field(description="Row to prompt ids and hashes.")
    models: tuple[str, ...]
    reference: int | None
    cells: tuple[Cell, ...]

    @property
    def slices(self) -> tuple[str, ...]:
        """What figures are given for, all cases first; own cases where there are any."""
        mine = any(one.slice == OWN for cell in self.cells for one in cell.figures)
        return (OVERALL, *(f"lang:{lang}" for lang in Lang), *([OWN] if mine else []))

    def row(self, prompt: str) -> tuple[Cell, ...]:
        """The cells of a prompt version, a model each."""
        return tuple(cell for cell in self.cells if cell.prompt == prompt)
