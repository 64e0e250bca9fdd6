"""Redact golden texts with the production redactor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.metadata import version

from evals.cases import PiiAnswer, PiiValue, Sample
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from service.domain.text import Redacted


@task("pii")
class PiiTask:
    """The choke point alone."""

    chunk = 64
    concurrency = 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """The redactor is code and a stored head: the release names both."""
        return {"redactor": version("huiyin")}

    async def answer(self, samples: Sequence[Sample]) -> tuple[PiiAnswer, ...]:
        """Redact the texts in a thread: the engine blocks."""
        texts = [sample.text for sample in samples]
        with engine_call():
            redacted = await asyncio.to_thread(self._redact, texts)
        return tuple(_answer(*pair) for pair in zip(texts, redacted, strict=True))

    def _redact(self, texts: Sequence[str]) -> list[Redacted]:
        return [self._engines.redactor.redact(text) for text in texts]


def _answer(text: str, redacted: Redacted) -> PiiAnswer:
    spans = [PiiValue(kind=s.kind, value=text[s.start : s.end]) for s in redacted.spans]
    return PiiAnswer(spans=tuple(spans), text=redacted.text)
