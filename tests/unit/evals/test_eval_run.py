"""Running: resumable, and one failing case sinks nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from evals.cases import Answer, Sample
from evals.errors import EngineFailure, RunMismatch
from evals.model import EvalRun, FailureKind
from evals.run import run_task
from evals.store import RunFolder, load_run, save_run
from evals.suite import store_baseline, stored_baselines


class StandIn:
    """A task that says praise, fails on one case and remembers what it was asked."""

    chunk, concurrency = 4, 2

    def __init__(self, answer: Answer, broken: dict[str, Exception] | None = None) -> None:
        self._answer, self._broken = answer, broken or {}
        self.asked: list[str] = []

    def versions(self) -> dict[str, str]:
        return {}

    async def answer(self, samples: Sequence[Sample]) -> tuple[Answer, ...]:
        self.asked += [sample.id for sample in samples]
        for sample in samples:
            if sample.id in self._broken:
                raise self._broken[sample.id]
        return tuple(self._answer for _ in samples)


def _ignore(done: int) -> None: ...


async def _run(task: StandIn, folder: Path, helpers: SimpleNamespace, run_id: str = "r") -> EvalRun:
    samples = [helpers.sample(number) for number in range(10)]
    manifest = helpers.manifest(samples, run_id)
    return await run_task(task, samples, manifest, RunFolder(folder), _ignore)


async def test_an_engine_failure_stays_with_its_case(
    tmp_path: Path, helpers: SimpleNamespace
) -> None:
    task = StandIn(helpers.answer("praise"), {"case-5": EngineFailure("no vector")})
    run = await _run(task, tmp_path, helpers)
    failures = {o.sample_id: o.failure for o in run.outputs if o.failure}
    assert list(failures) == ["case-5"]
    failure = failures["case-5"]
    assert failure is not None
    assert failure.kind is FailureKind.ENGINE


async def test_a_harness_fault_is_told_apart(tmp_path: Path, helpers: SimpleNamespace) -> None:
    task = StandIn(helpers.answer("praise"), {"case-5": KeyError("bug in the task")})
    run = await _run(task, tmp_path, helpers)
    kinds = {output.failure.kind for output in run.outputs if output.failure}
    assert kinds == {FailureKind.HARNESS}


async def test_a_broken_run_continues_where_it_stopped(
    tmp_path: Path, helpers: SimpleNamespace
) -> None:
    first = StandIn(helpers.answer("praise"), {"case-5": EngineFailure("away")})
    await _run(first, tmp_path, helpers)
    with (tmp_path / "outputs.jsonl").open("a") as file:
        file.write('{"sample_id": "case-9", "answ')
    again = StandIn(helpers.answer("praise"))
    run = await _run(again, tmp_path, helpers, "later")
    assert again.asked == ["case-5"], "answered cases are not asked again, failed ones are"
    assert all(output.answer for output in run.outputs)


async def test_a_folder_of_another_run_is_refused(tmp_path: Path, helpers: SimpleNamespace) -> None:
    await _run(StandIn(helpers.answer("praise")), tmp_path, helpers)
    other = [helpers.sample(number) for number in range(3)]
    with pytest.raises(RunMismatch, match="other cases"):
        RunFolder(tmp_path).start(helpers.manifest(other))


def test_a_stored_run_comes_back_whole(tmp_path: Path, good_run: EvalRun) -> None:
    path = save_run(good_run, tmp_path / "deep" / "run.json")
    assert load_run(path) == good_run
    assert load_run(path.parent) == good_run
    with pytest.raises(RunMismatch, match="not a stored run"):
        load_run(tmp_path / "none")


def test_a_baseline_keeps_answers_and_leaves_scores_to_be_made(
    tmp_path: Path, good_run: EvalRun
) -> None:
    store_baseline(good_run, tmp_path)
    kept = stored_baselines(tmp_path)["triage"]
    assert kept.outputs == good_run.outputs
    assert kept.scores == ()
