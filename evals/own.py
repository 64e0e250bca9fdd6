"""A community's own cases beside the golden ones, grown from what its people set and edited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from evals.cases import DraftExpect, RetrievalExpect, Sample, TaskName
from evals.datasets import FILES, Dataset, load
from evals.errors import DatasetInvalid, EvalError
from service.domain.draft import RefusalKind


def own_file(path: Path, task: TaskName, tasks: Sequence[TaskName]) -> Path | None:
    """The file with a task's own cases: the one given, or that of a folder; None for none.

    Raises:
        EvalError: there is nothing at `path`, or one file for several tasks.
    """
    if path.is_dir():
        if not any((path / FILES[name]).is_file() for name in tasks):
            names = ", ".join(FILES[name] for name in tasks)
            raise EvalError(f"{path} holds none of {names}.")
        found = path / FILES[task]
        return found if found.is_file() else None
    if not path.is_file():
        raise EvalError(f"There are no own cases at {path}.")
    if len(tasks) != 1:
        raise EvalError(
            "A file holds the cases of one task: name it with --task, or give a folder."
        )
    return path


def load_own(task: TaskName, path: Path, clauses: Iterable[str]) -> Dataset:
    """Read own cases; the format is that of the golden ones. Cases that name a clause the rules
    searched do not hold are left out as `foreign`: no engine could get them right. With such a
    case the community has other rules, so those that expect no rule at all are left out as well.

    Args:
        clauses: ids the rules searched hold.

    Raises:
        DatasetInvalid: as `evals.datasets.load`.
    """
    dataset, known = load(task, path), set(clauses)
    others = any(not _named(one) <= known for one in dataset.samples)
    foreign = tuple(
        one.id
        for one in dataset.samples
        if not _named(one) <= known or (others and _expects_none(one))
    )
    kept = tuple(one for one in dataset.samples if one.id not in foreign)
    return owned(dataset._replace(samples=kept, foreign=foreign))


def owned(dataset: Dataset) -> Dataset:
    """The same cases, marked as a community's."""
    samples = tuple(one.model_copy(update={"own": True}) for one in dataset.samples)
    return dataset._replace(samples=samples)


def beside(golden: Dataset, own: Dataset) -> Dataset:
    """Both sets as one, the golden cases first.

    Raises:
        DatasetInvalid: an own case has the id of a golden one.
    """
    ids = {sample.id for sample in golden.samples}
    for sample in own.samples:
        if sample.id in ids:
            raise DatasetInvalid(f"{own.name}: {sample.id} is the id of a golden case.")
    digest = hashlib.sha256(f"{golden.hash} {own.hash}".encode()).hexdigest()
    samples = golden.samples + own.samples
    return Dataset(f"{golden.name} + own", digest, samples, own.foreign)


def _named(sample: Sample) -> set[str]:
    expect = sample.expect
    if isinstance(expect, RetrievalExpect):
        return set(expect.clauses)
    return set(expect.cite) if isinstance(expect, DraftExpect) else set()


def _expects_none(sample: Sample) -> bool:
    expect = sample.expect
    if isinstance(expect, RetrievalExpect):
        return expect.no_answer
    return isinstance(expect, DraftExpect) and expect.refusal is RefusalKind.NO_RULE
