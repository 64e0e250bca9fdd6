"""Ask a task's engine about every case and keep what it says. Nothing is judged here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence

from evals.cases import Answer, Sample
from evals.errors import EngineFailure
from evals.model import EvalRun, Failure, FailureKind, Manifest, Output
from evals.store import RunFolder
from evals.tasks.base import Task
from evals.usage import Meter, Usage, metered

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
    with metered(private=any(sample.own for sample in chunk)) as meter:
        try:
            answers = await task.answer(chunk)
        except EngineFailure as error:
            if len(chunk) == 1:
                return tuple(_failed(chunk, FailureKind.ENGINE, str(error), meter))
        except Exception as error:  # the harness must outlive its own faults and report them so
            told = f"{type(error).__name__}: {error}"
            return tuple(_failed(chunk, FailureKind.HARNESS, told, meter))
        else:
            seconds = (time.perf_counter() - started) / len(chunk)
            return tuple(_answered(chunk, answers, seconds, meter))
    alone = [await _ask(task, [sample]) for sample in chunk]
    return tuple(output for outputs in alone for output in outputs)


def _answered(
    samples: Sequence[Sample], answers: Sequence[Answer], seconds: float, meter: Meter
) -> Iterator[Output]:
    for sample, answer, usage in zip(samples, answers, _usages(samples, meter), strict=True):
        yield Output(sample_id=sample.id, answer=answer, seconds=seconds, usage=usage)


def _failed(
    samples: Sequence[Sample], kind: FailureKind, message: str, meter: Meter
) -> Iterator[Output]:
    failure = Failure(kind=kind, message=message[:500])
    for sample, usage in zip(samples, _usages(samples, meter), strict=True):
        yield Output(sample_id=sample.id, failure=failure, usage=usage)


def _usages(samples: Sequence[Sample], meter: Meter) -> tuple[Usage | None, ...]:
    """Tasks that ask a model ask case by case; of a larger chunk the first case stands for all."""
    return (meter.usage(), *(None for _ in samples[1:]))


def _chunks(samples: Sequence[Sample], size: int) -> Iterator[Sequence[Sample]]:
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
