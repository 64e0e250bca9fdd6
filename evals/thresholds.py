"""The gate's bars, read from `thresholds.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import Field, ValidationError

from evals.cases import TaskName
from evals.errors import EvalError
from service.domain.base import Frozen

FILE = Path(__file__).parent / "thresholds.toml"


class TaskBars(Frozen):
    """Bars of one task; `gap` and `regression` name measures."""

    at_least: dict[str, float] = Field({})
    at_most: dict[str, float] = Field({})
    gap: dict[str, float] = Field({}, description="Largest difference between zh and en.")
    regression: tuple[str, ...] = Field((), description="Must not fall beyond chance.")
    stability: float | None = Field(
        None, ge=0, le=1, description="Least stability, where cases were asked more than once."
    )
    written: tuple[str, ...] = Field(
        (), description="Must not fall either, where a model was asked."
    )
    judged: dict[str, float] = Field(
        {}, description="Least share a trusted judge of a rubric lets pass, in each language."
    )
    absolute: tuple[str, ...] = Field(
        (), description="Their bars guard against danger: they hold whatever production does."
    )


class Thresholds(Frozen):
    """All bars. Under `min_cases` scored cases a bar cannot be proven; above
    `max_harness_share` failed cases nothing can; a net share of a community's own cases above
    `max_own_loss` may not go worse, be it by chance."""

    min_cases: int = Field(10, ge=1)
    max_harness_share: float = Field(0.01, ge=0, le=1)
    max_own_loss: float = Field(0.1, ge=0, le=1)
    tasks: dict[TaskName, TaskBars]


def load_thresholds(path: Path = FILE) -> Thresholds:
    """Read the bars.

    Raises:
        EvalError: the file is missing or malformed.
    """
    try:
        return Thresholds.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise EvalError(f"{path} cannot be read: {error}") from error
