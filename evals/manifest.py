"""What made a run: revision, settings, versions, cases and seed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from evals.cases import Sample, TaskName
from evals.datasets import Dataset
from evals.model import Manifest
from evals.record import Record, libraries

ROOT = Path(__file__).resolve().parent.parent


def make_manifest(
    task: TaskName,
    dataset: Dataset,
    samples: Sequence[Sample],
    *,
    at: datetime,
    seed: int,
    repeats: int = 1,
    settings: Mapping[str, str],
    versions: Mapping[str, str],
    record: Record,
) -> Manifest:
    """Describe a run about to start; `versions` are what the task says of its engine."""
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return Manifest(
        id=run_id(task, at),
        task=task,
        started_at=at,
        seed=seed,
        repeats=repeats,
        git_revision=revision(),
        git_dirty=None if changes is None else bool(changes),
        dataset=dataset.name,
        dataset_hash=dataset.hash,
        sample_ids=tuple(sample.id for sample in samples),
        foreign=dataset.foreign,
        settings=dict(settings),
        versions=record.versions | dict(versions),
        templates=record.templates,
        documents=record.documents,
        thresholds=record.thresholds,
        libraries=libraries(),
    )


def run_id(task: TaskName, at: datetime) -> str:
    """The name of a run and of its folder, to the microsecond: two of a second are two."""
    return f"{at:%Y%m%dT%H%M%S.%fZ}-{task}"


def revision() -> str | None:
    """The commit of the checkout, None outside one."""
    return _git("rev-parse", "HEAD")


def _git(*arguments: str) -> str | None:
    """Output of a git command, None outside a checkout or without git."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else None
