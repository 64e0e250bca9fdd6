"""Ask a task's engine about every case and keep what it says. Nothing is judged here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from evals.cases import Sample
from evals.errors import EngineFailure
from evals.model import EvalRun, Failure, FailureKind, Manifest, Output
from evals.store import RunFolder
from evals.tasks.base import Task

Progress = Callable[[int], None]
"""Told how many further cases are done."""


async def run_task(
    task: Task,
    samples: Sequence[Sample],
    manifest: Manifest,
    folder: RunFolder,
    progress: Progress,
) -> EvalRun:
    """Run the cases that have no answer in the folder yet; failures become outputs.

    Raises:
        RunMismatch: the folder holds another run.
    """
    folder.start(manifest)
    started, known = time.perf_counter(), folder.outputs()
    pending = [sample for sample in samples if sample.id not in known]
    progress(len(samples) - len(pending))
    limit = asyncio.Semaphore(task.concurrency)

    async def work(chunk: Sequence[Sample]) -> tuple[Output, ...]:
        async with limit:
            outputs = await _ask(task, chunk)
        folder.append(outputs)
        progress(len(chunk))
        return outputs

    answered = await asyncio.gather(*(work(chunk) for chunk in _chunks(pending, task.chunk)))
    known |= {output.sample_id: output for outputs in answered for output in outputs}
    return EvalRun(
        manifest=manifest,
        samples=tuple(samples),
        outputs=tuple(known[sample.id] for sample in samples),
        seconds=time.perf_counter() - started,
    )


async def _ask(task: Task, chunk: Sequence[Sample]) -> tuple[Output, ...]:
    """Ask about a chunk; when it fails, ask one by one, so that one case sinks nobody else's."""
    started = time.perf_counter()
    try:
        answers = await task.answer(chunk)
    except EngineFailure as error:
        if len(chunk) == 1:
            return tuple(_failed(chunk, FailureKind.ENGINE, str(error)))
        alone = [await _ask(task, [sample]) for sample in chunk]
        return tuple(output for outputs in alone for output in outputs)
    except Exception as error:  # the harness must outlive its own faults and report them as such
        return tuple(_failed(chunk, FailureKind.HARNESS, f"{type(error).__name__}: {error}"))
    seconds = (time.perf_counter() - started) / len(chunk)
    pairs = zip(chunk, answers, strict=True)
    return tuple(Output(sample_id=s.id, answer=a, seconds=seconds) for s, a in pairs)


def _failed(samples: Iterable[Sample], kind: FailureKind, message: str) -> Iterator[Output]:
    for sample in samples:
        yield Output(sample_id=sample.id, failure=Failure(kind=kind, message=message[:500]))


def _chunks(samples: Sequence[Sample], size: int) -> Iterator[Sequence[Sample]]:
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
