"""How each measure moved over the stored runs of a task. Nothing is run or scored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.cases import TaskName
from evals.errors import RunMismatch
from evals.model import OVERALL, EvalRun, Manifest
from evals.store import load_run
from service.domain.base import Frozen, Instant


class Point(Frozen):
    """A measure over all cases of one run. `comparable` is false where the run had other cases
    than the newest of its task: the two values say nothing about each other."""

    run: str
    at: Instant
    revision: str | None
    dirty: bool | None
    cases: str
    comparable: bool
    value: float | None
    low: float | None
    high: float | None
    n: int


class Line(Frozen):
    """One measure of a task over its runs, oldest first."""

    task: TaskName
    metric: str
    points: tuple[Point, ...]


class History(NamedTuple):
    """Stored runs, oldest first, and files that are no run of this version."""

    runs: tuple[EvalRun, ...]
    unreadable: tuple[Path, ...]


def cases_hash(manifest: Manifest) -> str:
    """Twelve hex digits of the cases a run took: the data set's hash and the ids drawn from it."""
    text = "\n".join((manifest.dataset_hash, *sorted(manifest.sample_ids)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_history(
    out: Path, baselines: Path, tasks: Sequence[str] | None = None, most: int = 20
) -> History:
    """The runs of a folder and the baselines, the newest `most` of each task; the trials of
    candidates lie deeper and are left out, because they had other parts than production."""
    found: dict[str, EvalRun] = {}
    unreadable: list[Path] = []
    for path in (*sorted(baselines.glob("*.json")), *sorted(out.glob("*/run.json"))):
        try:
            run = load_run(path)
        except RunMismatch:
            unreadable.append(path)
            continue
        if not tasks or run.manifest.task in tasks:
            found[run.manifest.id] = _bare(run)
    runs = sorted(found.values(), key=lambda run: run.manifest.started_at)
    return History(tuple(_newest(runs, most)), tuple(unreadable))


def trend(runs: Iterable[EvalRun]) -> tuple[Line, ...]:
    """A line per task and measure, measures in the order the newest run has them."""
    by_task: dict[TaskName, list[EvalRun]] = {}
    for run in sorted(runs, key=lambda run: run.manifest.started_at):
        by_task.setdefault(run.manifest.task, []).append(run)
    return tuple(line for task, of in by_task.items() for line in _lines(task, of))


def as_json(lines: Iterable[Line]) -> dict[str, list[Mapping[str, object]]]:
    """`{"triage.top1": [{"run": …, "comparable": true, "value": 0.8, …}, …]}`."""
    return {
        f"{line.task}.{line.metric}": [one.model_dump(mode="json") for one in line.points]
        for line in lines
    }


def _bare(run: EvalRun) -> EvalRun:
    """Without cases and answers, which a trend does not need."""
    return run.model_copy(update={"samples": (), "outputs": (), "repeats": (), "scores": ()})


def _newest(runs: Sequence[EvalRun], most: int) -> Iterator[EvalRun]:
    for index, run in enumerate(runs):
        later = sum(one.manifest.task == run.manifest.task for one in runs[index + 1 :])
        if later < most:
            yield run


def _lines(task: TaskName, runs: Sequence[EvalRun]) -> Iterator[Line]:
    newest = cases_hash(runs[-1].manifest)
    metrics = dict.fromkeys(
        figure.metric for run in reversed(runs) for figure in run.figures if figure.slice == OVERALL
    )
    for metric in metrics:
        points = (_point(run, metric, newest) for run in runs)
        yield Line(task=task, metric=metric, points=tuple(points))


def _point(run: EvalRun, metric: str, newest: str) -> Point:
    made, figure = run.manifest, run.figure(metric)
    cases = cases_hash(made)
    return Point(
        run=made.id,
        at=made.started_at,
        revision=made.git_revision,
        dirty=made.git_dirty,
        cases=cases,
        comparable=cases == newest,
        value=figure.value if figure else None,
        low=figure.low if figure else None,
        high=figure.high if figure else None,
        n=figure.n if figure else 0,
    )
