"""Judge golden messages with the production triage engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.cases import Sample, TriageAnswer
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from service.domain.triage import Judgement

KEPT_CANDIDATES = 5


@task("triage")
class TriageTask:
    """One `judge` call a chunk, as the flow makes it."""

    chunk = 64
    concurrency = 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """Taxonomy and what the engine says of itself."""
        triager = self._engines.triager
        judged = triager.judge(["版本"], [self._engines.now()])
        return judged[0].judgement.versions.model_dump(exclude_none=True)

    async def answer(self, samples: Sequence[Sample]) -> tuple[TriageAnswer, ...]:
        """Judge the texts in a thread: the engine blocks."""
        texts = [sample.text for sample in samples]
        with engine_call():
            times = [self._engines.now()] * len(texts)
            judged = await asyncio.to_thread(self._engines.triager.judge, texts, times)
        return tuple(_answer(item.judgement) for item in judged)


def _answer(judgement: Judgement) -> TriageAnswer:
    return TriageAnswer(
        labels=judgement.labels,
        candidates=judgement.candidates[:KEPT_CANDIDATES],
        abstained=judgement.abstained,
        sentiment=judgement.sentiment,
        severity=judgement.severity,
        reply_due=judgement.route.reply_due,
    )
