"""Runs the tasks one after another and keeps what they give."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from evals.asking import AskingEngines, Manner
from evals.cases import Sample, TaskName
from evals.datasets import Dataset, load
from evals.errors import NoCases
from evals.manifest import make_manifest, run_id
from evals.model import EvalRun
from evals.own import beside, load_own, own_file
from evals.registry import Registry
from evals.run import Progress, run_task
from evals.sample_rules import clauses_at
from evals.score import score_run
from evals.store import RunFolder, load_run, save_run
from evals.wiring import Engines

BASELINES = Path(__file__).parent / "baselines"

Bar = Callable[[TaskName, int], AbstractContextManager[Progress]]
"""Opens a progress bar for a task with so many cases."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where runs go and which cases they take; `limit` draws so many with the seed, from those
    that `keep` lets pass. Where a model writes, each case is asked `repeats` times. `own` is a file
    or folder of a community's cases, all of which run beside the golden ones but those that none of
    the `rules` can answer (folders of documents; None: the sample's)."""

    out: Path
    at: datetime
    seed: int = 7
    limit: int | None = None
    resume: bool = False
    keep: Callable[[Sample], bool] | None = None
    repeats: int = 1
    own: Path | None = None
    rules: tuple[Path | None, ...] = (None,)
    manner: Manner = field(default_factory=Manner)


def run_suite(
    tasks: Iterable[TaskName], engines: Engines, registry: Registry, plan: Plan, bar: Bar
) -> list[EvalRun]:
    """Run, score and store each task; returns the scored runs.

    Raises:
        DatasetInvalid: golden cases are malformed.
        RunMismatch: a folder to be continued holds another run.
        NoCases: the plan keeps none.
        EvalError: there are no own cases where the plan says.
    """
    wanted = tuple(tasks)
    cases = {name: cases_of(name, wanted, plan) for name in wanted}
    return [run_cases(name, cases[name], engines, registry, plan, bar) for name in wanted]


def run_cases(
    name: TaskName, dataset: Dataset, engines: Engines, registry: Registry, plan: Plan, bar: Bar
) -> EvalRun:
    """Run, score and store one task over the samples given.

    Raises:
        RunMismatch: see `run_suite`.
    """
    samples, path = dataset.samples, run_folder(plan, name)
    once: list[EvalRun] = []
    for repeat in range(plan.repeats):
        asking = AskingEngines(engines, plan.manner, repeat)
        task = registry.tasks[name](asking)
        manifest = make_manifest(
            name,
            dataset,
            samples,
            at=plan.at,
            seed=plan.seed,
            repeats=plan.repeats,
            settings=engines.settings,
            versions=task.versions(),
            record=engines.record(),
        )
        with bar(name, len(samples)) as progress:
            folder = RunFolder(path, repeat)
            run = asyncio.run(run_task(task, samples, manifest, folder, progress))
        once.append(_counted(run))
        if not once[-1].asked:
            break  # nothing was left to a model: a repeat would say the same
    scored = score_run(_together(once), registry)
    RunFolder(path).save(scored)
    return scored


def run_folder(plan: Plan, task: TaskName) -> Path:
    """A new folder for a run, or the newest of the task when one is to be continued."""
    earlier = sorted(plan.out.glob(f"*-{task}")) if plan.resume else []
    return earlier[-1] if earlier else plan.out / run_id(task, plan.at)


def stored_baselines(folder: Path = BASELINES) -> dict[TaskName, EvalRun]:
    """The stored baseline of each task that has one."""
    runs = [load_run(path) for path in sorted(folder.glob("*.json"))]
    return {run.manifest.task: run for run in runs}


def store_baseline(run: EvalRun, folder: Path = BASELINES) -> Path:
    """Keep a run as the one later runs are compared with; scores are made afresh then."""
    bare = run.model_copy(update={"scores": ()})
    return save_run(bare, folder / f"{run.manifest.task}.json")


def _counted(run: EvalRun) -> EvalRun:
    """With its questions; those of answers a broken-off call had left in the folder as well."""
    usage = run.usage
    return run.model_copy(update={"asked": usage.calls, "kept": usage.kept}) if usage else run


def _together(once: Sequence[EvalRun]) -> EvalRun:
    """One run: the first answers, and those of every repeat behind them."""
    return once[0].model_copy(
        update={
            "repeats": tuple(run.outputs for run in once[1:]),
            "asked": sum(run.asked for run in once),
            "kept": sum(run.kept for run in once),
            "seconds": sum(run.seconds for run in once),
        }
    )


def drawn_cases(task: TaskName, plan: Plan) -> Dataset:
    """The golden cases of a task that the plan takes; maybe none."""
    dataset = load(task)
    samples = [one for one in dataset.samples if plan.keep is None or plan.keep(one)]
    if plan.limit is not None and plan.limit < len(samples):
        samples = random.Random(plan.seed).sample(samples, plan.limit)  # noqa: S311 not secret
    return dataset._replace(samples=tuple(samples))


def cases_of(task: TaskName, tasks: Sequence[TaskName], plan: Plan) -> Dataset:
    """The golden cases drawn, and all own ones.

    Raises:
        NoCases, DatasetInvalid, EvalError: as `run_suite`.
    """
    drawn = drawn_cases(task, plan)
    if not drawn.samples:
        raise NoCases(f"None of the cases of {drawn.name} fits.")
    path = own_file(plan.own, task, tasks) if plan.own else None
    if path is None:
        return drawn
    clauses = (one.id for rules in plan.rules for one in clauses_at(rules))
    return beside(drawn, load_own(task, path, clauses))
