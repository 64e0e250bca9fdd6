"""Judge dangerous texts and their harmless twins with the production triage engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.cases import Sample, SeverityAnswer
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines


@task("severity")
class SeverityTask:
    """One `judge` call a chunk, as the flow makes it."""

    chunk = 64
    concurrency = 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """What the engine says of itself."""
        judged = self._engines.triager.judge(["版本"], [self._engines.now()])
        return judged[0].judgement.versions.model_dump(exclude_none=True)

    async def answer(self, samples: Sequence[Sample]) -> tuple[SeverityAnswer, ...]:
        """Judge the texts in a thread: the engine blocks."""
        texts = [sample.text for sample in samples]
        with engine_call():
            times = [self._engines.now()] * len(texts)
            judged = await asyncio.to_thread(self._engines.triager.judge, texts, times)
        return tuple(SeverityAnswer(severity=item.judgement.severity) for item in judged)
