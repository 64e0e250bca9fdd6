"""Ask each model with each prompt version about the same cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from evals.cases import TaskName
from evals.errors import EvalError
from evals.matrix.axes import Model, Version
from evals.model import EvalRun, Failure, FailureKind, Output
from evals.production import ProductionEngines
from evals.registry import Registry
from evals.score import score_run
from evals.scorers.model_kept import away
from evals.suite import Bar, Plan, run_suite
from service.errors import ConfigurationError

WRITTEN: tuple[TaskName, ...] = ("draft", "posts", "attacks")
"""Tasks a chat model writes the answers of."""

IDLE = "templates do not use the prompt"


class Filled(NamedTuple):
    """A cell's run, scored, without the answers its model did not give; or why there is none."""

    version: Version
    model: Model
    run: EvalRun | None
    unscored: str | None = None
    lost: int = 0


class Asking(NamedTuple):
    """How cells are filled; a cell's runs stand in a folder of its own below `plan.out`."""

    task: TaskName
    engines: ProductionEngines
    registry: Registry
    plan: Plan
    bar: Bar


def filled(rows: Sequence[Version], columns: Sequence[Model], asking: Asking) -> tuple[Filled, ...]:
    """Every cell, in the order of rows, then columns; asked column by column. A model that gives
    no answer at all is not asked about the rows after.

    Raises:
        EvalError: no model writes the task's answers.
        RunMismatch, NoCases: see `run_suite`.
    """
    if asking.task not in WRITTEN:
        tasks = ", ".join(WRITTEN)
        raise EvalError(f"No model writes the answers of {asking.task}; choose from {tasks}.")
    found = {
        (cell.version.key, cell.model.key): cell
        for model in columns
        for cell in _column(rows, model, asking)
    }
    return tuple(found[row.key, column.key] for row in rows for column in columns)


def _column(rows: Sequence[Version], model: Model, asking: Asking) -> Iterator[Filled]:
    engines, dead = asking.engines.with_models(model.settings), None
    try:
        engines.chat  # noqa: B018 built here, so that all rows share what it learns
    except ConfigurationError as error:
        dead = error.message
    for row in rows:
        if dead is None and not model.settings.configured and row.hashes:
            yield Filled(row, model, None, IDLE)
            continue
        cell = Filled(row, model, None, dead) if dead else _cell(row, model, engines, asking)
        dead = cell.unscored
        yield cell


def _cell(row: Version, model: Model, engines: ProductionEngines, asking: Asking) -> Filled:
    plan = replace(asking.plan, out=asking.plan.out / f"{row.key}+{model.key}")
    of_row = engines.with_state(row.state)
    (run,) = run_suite([asking.task], of_row, asking.registry, plan, asking.bar)
    missing = Counter(reason for one in run.outputs if (reason := _missing(one)))
    if missing.total() == len(run.outputs):
        ((reason, _),) = missing.most_common(1)
        return Filled(row, model, None, reason, missing.total())
    if missing:
        outputs = tuple(map(_lost, run.outputs))
        run = score_run(run.model_copy(update={"outputs": outputs}), asking.registry)
    return Filled(row, model, run, lost=missing.total())


def _missing(output: Output) -> str | None:
    """Why the output says nothing of the model, if so: a template stood in for it, or the harness
    lost the case."""
    because = away(output.answer)
    if because is not None:
        return f"the model gave no answer ({because})"
    failure = output.failure
    return failure.message if failure and failure.kind is FailureKind.HARNESS else None


def _lost(output: Output) -> Output:
    reason = _missing(output)
    if reason is None:
        return output
    failure = Failure(kind=FailureKind.HARNESS, message=reason)
    return output.model_copy(update={"answer": None, "failure": failure})
