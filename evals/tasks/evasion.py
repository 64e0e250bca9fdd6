"""Judge disguised texts, their plain forms and benign twins with the production triage engine."""

from __future__ import annotations

from collections.abc import Sequence

from evals.cases import EvasionAnswer, Sample
from evals.registry import task
from evals.tasks.judging import Judging
from service.domain.triage import Judgement, SignalKind

FOUND = {SignalKind.SEVERITY, SignalKind.INJECTION, SignalKind.SPAM}
GUESSED = ("resembles_", "link", "flood", "mass_mention")
"""Findings of heads and marks: no bank phrase stands behind them."""


@task("evasion")
class EvasionTask(Judging):
    """Judge each text; only findings count."""

    def versions(self) -> dict[str, str]:
        """The bank's version."""
        return {"signals": super().versions()["signals"]}

    async def answer(self, samples: Sequence[Sample]) -> tuple[EvasionAnswer, ...]:
        """One answer a case, in order."""
        judged = await self.judged([sample.text for sample in samples])
        return tuple(_answer(item.judgement) for item in judged)


def _answer(judgement: Judgement) -> EvasionAnswer:
    found = [s.code for s in judgement.signals if s.kind in FOUND]
    disguises = [s.code for s in judgement.signals if s.kind is SignalKind.EVASION]
    return EvasionAnswer(
        codes=tuple(dict.fromkeys(code for code in found if not code.startswith(GUESSED))),
        disguises=tuple(dict.fromkeys(disguises)),
    )
