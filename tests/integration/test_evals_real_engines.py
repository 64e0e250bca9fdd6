"""A slice of every task through the real engines: answered, scored, stored and reproducible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from evals.cases import TaskName
from evals.production import ProductionEngines
from evals.registry import registry
from evals.run import Progress
from evals.score import score_run
from evals.store import load_run
from evals.suite import Plan, run_suite
from service.settings import Settings

TASKS: tuple[TaskName, ...] = get_args(TaskName)


@contextmanager
def _silent(task: TaskName, total: int) -> Iterator[Progress]:
    yield [].append


@pytest.mark.slow
def test_a_slice_of_every_task_runs_on_the_real_engines(tmp_path: Path, model_cache: Path) -> None:
    settings = Settings(cache_dir=model_cache, data_dir=tmp_path / "data")
    engines = ProductionEngines(settings)
    plan = Plan(tmp_path / "runs", datetime(2026, 1, 5, tzinfo=UTC), limit=24)
    runs = run_suite(TASKS, engines, registry(), plan, _silent)
    for run in runs:
        answered = run.figure("answered")
        assert answered is not None
        assert (answered.value, answered.n) == (1, 24), run.manifest.task
        assert run.manifest.versions
        stored = load_run(plan.out / run.manifest.id)
        assert score_run(stored, registry()).scores == run.scores
    again = run_suite(
        ("triage",), engines, registry(), Plan(tmp_path / "b", plan.at, limit=24), _silent
    )
    answers = {output.sample_id: output.answer for output in again[0].outputs}
    assert answers == {output.sample_id: output.answer for output in runs[0].outputs}
