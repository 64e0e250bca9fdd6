"""Judge dangerous texts and their harmless twins with the production triage engine."""

from __future__ import annotations

from collections.abc import Sequence

from evals.cases import Sample, SeverityAnswer
from evals.registry import task
from evals.tasks.judging import Judging


@task("severity")
class SeverityTask(Judging):
    """Judge each text."""

    async def answer(self, samples: Sequence[Sample]) -> tuple[SeverityAnswer, ...]:
        """One answer a case, in order."""
        judged = await self.judged([sample.text for sample in samples])
        return tuple(SeverityAnswer(severity=item.judgement.severity) for item in judged)
