"""Ask the production rule search the golden questions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.cases import RetrievalAnswer, Sample
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines


@task("retrieval")
class RetrievalTask:
    """Redact, then search the sample community's clauses, as the draft flow does."""

    chunk = 16
    concurrency = 2

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """Corpus and embedder."""
        return self._engines.rules.versions()

    async def answer(self, samples: Sequence[Sample]) -> tuple[RetrievalAnswer, ...]:
        """Search in a thread: the retriever blocks."""
        return await asyncio.to_thread(self._search_all, samples)

    def _search_all(self, samples: Sequence[Sample]) -> tuple[RetrievalAnswer, ...]:
        return tuple(self._search(sample) for sample in samples)

    def _search(self, sample: Sample) -> RetrievalAnswer:
        with engine_call():
            text = self._engines.redactor.redact(sample.text).text
            result = self._engines.rules.search(text)
        return RetrievalAnswer(
            clauses=tuple(passage.clause.id for passage in result.passages),
            found=result.found,
            confidence=result.confidence,
        )
