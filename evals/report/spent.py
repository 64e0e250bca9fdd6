"""Tokens, money and seconds of runs: what every report says of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from rich.table import Table

from evals.cases import TaskName
from evals.model import EvalRun, Output
from evals.usage import Usage

UNKNOWN = "–"
LEAST, MOST = 0.001, 100.0
"""Seconds at the ends of the latency plot."""


class Waits(NamedTuple):
    """Seconds an answer took: median, and what 95 % stayed below, over `n` timed answers. Where a
    model was asked it is the model's own time, of kept answers as when they were asked first."""

    median: float
    most: float
    n: int
    model: bool


class Dot(NamedTuple):
    """One answer of a model: its seconds, and its cost, or its tokens where it has no price."""

    case: str
    seconds: float
    spent: float


class Spent(NamedTuple):
    """Of one task: how many answers, what they took of a model, and how long they took."""

    task: TaskName
    answers: int
    usage: Usage | None
    waits: Waits | None
    dots: tuple[Dot, ...]

    @property
    def per_answer(self) -> float | None:
        """Tokens an answer."""
        return self.usage.tokens / self.answers if self.usage and self.answers else None


def spent(runs: Iterable[EvalRun]) -> tuple[Spent, ...]:
    """A row a run, in the order given."""
    return tuple(
        Spent(
            task=run.manifest.task,
            answers=sum(one.answer is not None for one in _all(run)),
            usage=run.usage,
            waits=waits(run),
            dots=tuple(_dots(run)),
        )
        for run in runs
    )


def waits(run: EvalRun) -> Waits | None:
    """None where nothing was timed. Tasks that ask in chunks share a chunk's time evenly."""
    usages = [one.usage for one in run.outputs if one.answer and one.usage]
    timed = [one.seconds for one in usages if one.seconds is not None]
    if not usages:
        timed = [one.seconds for one in run.outputs if one.answer and one.seconds]
    if not timed:
        return None
    median, most = np.quantile(timed, (0.5, 0.95))
    return Waits(float(median), float(most), len(timed), bool(usages))


def money(usage: Usage | None) -> str:
    """With its currency; a dash where no price is known."""
    if usage is None or usage.cost is None:
        return UNKNOWN
    return f"{usage.cost:.4f} {usage.currency}"


def seconds(value: float | None) -> str:
    """Three digits that count, milliseconds under a tenth; a dash for None."""
    if value is None:
        return UNKNOWN
    if value < 0.1:
        return f"{1000 * value:.2g} ms"
    return f"{value:.3g} s" if value < 100 else f"{value:.0f} s"


def place(value: float) -> float:
    """Where a number of seconds lies between the ends of the latency plot, 0 to 1, by its
    logarithm."""
    inside = min(max(value, LEAST), MOST)
    return math.log(inside / LEAST) / math.log(MOST / LEAST)


def spent_table(found: Sequence[Spent]) -> Table:
    """For the terminal; what only models take is left out where none was asked."""
    asked = any(row.usage for row in found)
    shown = [at for at, name in enumerate(COLUMNS) if asked or name not in _OF_MODELS]
    table = Table(title="What answers took", title_justify="left")
    table.add_column("task", overflow="fold")
    for at in shown:
        table.add_column(COLUMNS[at], justify="right", overflow="fold")
    for row in found:
        texts = cells(row)
        table.add_row(row.task, *(texts[at] for at in shown))
    return table


COLUMNS = ("answers", "calls", "tokens read + written", "cost", "p50 · p95")
_OF_MODELS = COLUMNS[1:4]


def cells(row: Spent) -> tuple[str, ...]:
    """The texts of a row under `COLUMNS`."""
    return (str(row.answers), calls(row.usage), tokens(row.usage), money(row.usage), times(row))


def calls(used: Usage | None) -> str:
    """How many, how many of them kept and failed where any were."""
    if used is None:
        return UNKNOWN
    kinds = ((used.kept, "kept"), (used.failed, "failed"))
    return ", ".join((str(used.calls), *(f"{n} {name}" for n, name in kinds if n)))


def tokens(used: Usage | None) -> str:
    """Read and written; `~` where some are estimated."""
    if used is None:
        return UNKNOWN
    return f"{'~' if used.estimated else ''}{used.prompt_tokens:,} + {used.completion_tokens:,}"


def times(row: Spent) -> str:
    """Median and 95 %."""
    if row.waits is None:
        return UNKNOWN
    return f"{seconds(row.waits.median)} · {seconds(row.waits.most)}"


def as_json(row: Spent) -> dict[str, object]:
    """`{"answers", "usage": {…} | null, "seconds": {"p50", "p95", "n", "model"} | null}`."""
    waited = row.waits
    names = ("p50", "p95", "n", "model")
    return {
        "answers": row.answers,
        "usage": row.usage.model_dump(mode="json") if row.usage else None,
        "seconds": dict(zip(names, waited, strict=True)) if waited else None,
    }


def _all(run: EvalRun) -> Iterator[Output]:
    yield from run.outputs
    for again in run.repeats:
        yield from again


def _dots(run: EvalRun) -> Iterator[Dot]:
    for one in run.outputs:
        used = one.usage
        if one.answer and used and used.seconds is not None:
            spent = used.tokens if used.cost is None else used.cost
            yield Dot(one.sample_id, used.seconds, spent)
