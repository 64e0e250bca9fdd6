"""What tasks share that ask the triage engine for judgements."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.tasks.base import engine_call
from evals.wiring import Engines
from service.ports.engines import Judged


class Judging:
    """One `judge` call a chunk, as the flow makes it."""

    chunk = 64
    concurrency = 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """What the engine says of itself."""
        (judged,) = self._judge(["版本"])
        return judged.judgement.versions.model_dump(exclude_none=True)

    async def judged(self, texts: Sequence[str]) -> tuple[Judged, ...]:
        """Judge in a thread: the engine blocks.

        Raises:
            EngineFailure: the engine raised.
        """
        with engine_call():
            return await asyncio.to_thread(self._judge, texts)

    def _judge(self, texts: Sequence[str]) -> tuple[Judged, ...]:
        return self._engines.triager.judge(texts, [self._engines.now()] * len(texts))
