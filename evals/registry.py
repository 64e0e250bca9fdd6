"""Tasks and scorers, found in their folders and registered by decorator.

A case scorer judges one output at a time; the figure is the mean over the scored cases. A total
scorer needs all outputs at once (macro F1, calibration) and names its own slices.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from evals.cases import Answer, Sample, TaskName
from evals.model import Figure, Score

if TYPE_CHECKING:
    from evals.tasks.base import Task
    from evals.wiring import Engines


class Answered(NamedTuple):
    """A case with its answer."""

    sample: Sample
    answer: Answer


CaseScorer = Callable[[Answered], Iterable[Score]]
TotalScorer = Callable[[Sequence[Answered]], Iterable[Figure]]
TaskFactory = Callable[["Engines"], "Task"]


@dataclass(frozen=True, slots=True)
class Registry:
    """What the folders offer; keys are (task, scorer name) and task name."""

    tasks: dict[TaskName, TaskFactory] = field(default_factory=dict)
    case_scorers: dict[tuple[TaskName, str], CaseScorer] = field(default_factory=dict)
    total_scorers: dict[tuple[TaskName, str], TotalScorer] = field(default_factory=dict)


Key = TypeVar("Key")
Value = TypeVar("Value")

_FOUND = Registry()


def task(name: TaskName) -> Callable[[TaskFactory], TaskFactory]:
    """Register what builds the task from the wired engines."""

    def register(factory: TaskFactory) -> TaskFactory:
        _put(_FOUND.tasks, name, factory)
        return factory

    return register


def case_scorer(of: TaskName, name: str) -> Callable[[CaseScorer], CaseScorer]:
    """Register a scorer of single cases."""

    def register(scorer: CaseScorer) -> CaseScorer:
        _put(_FOUND.case_scorers, (of, name), scorer)
        return scorer

    return register


def total_scorer(of: TaskName, name: str) -> Callable[[TotalScorer], TotalScorer]:
    """Register a scorer that needs all cases at once."""

    def register(scorer: TotalScorer) -> TotalScorer:
        _put(_FOUND.total_scorers, (of, name), scorer)
        return scorer

    return register


def registry() -> Registry:
    """Import every module of the task and scorer folders and return what they registered."""
    for folder in ("evals.tasks", "evals.scorers"):
        package = importlib.import_module(folder)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{folder}.{module.name}")
    return _FOUND


def _put(where: dict[Key, Value], key: Key, value: Value) -> None:
    if key in where and where[key] is not value:
        raise ValueError(f"{key} is registered twice")
    where[key] = value
