"""Judge disguised texts, their plain forms and benign twins with the production triage engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.cases import EvasionAnswer, Sample
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from service.domain.triage import Judgement, SignalKind

FOUND = {SignalKind.SEVERITY, SignalKind.INJECTION, SignalKind.SPAM}
GUESSED = ("resembles_", "link", "flood", "mass_mention")
"""Findings of heads and marks: no bank phrase stands behind them."""


@task("evasion")
class EvasionTask:
    """One `judge` call a chunk, as the flow makes it."""

    chunk = 64
    concurrency = 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """The bank's version."""
        judged = self._engines.triager.judge(["版本"], [self._engines.now()])
        return {"signals": judged[0].judgement.versions.signals}

    async def answer(self, samples: Sequence[Sample]) -> tuple[EvasionAnswer, ...]:
        """Judge the texts in a thread: the engine blocks."""
        texts = [sample.text for sample in samples]
        with engine_call():
            times = [self._engines.now()] * len(texts)
            judged = await asyncio.to_thread(self._engines.triager.judge, texts, times)
        return tuple(_answer(item.judgement) for item in judged)


def _answer(judgement: Judgement) -> EvasionAnswer:
    found = [s.code for s in judgement.signals if s.kind in FOUND]
    disguises = [s.code for s in judgement.signals if s.kind is SignalKind.EVASION]
    return EvasionAnswer(
        codes=tuple(dict.fromkeys(code for code in found if not code.startswith(GUESSED))),
        disguises=tuple(dict.fromkeys(disguises)),
    )
