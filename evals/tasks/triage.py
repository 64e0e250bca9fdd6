"""Judge golden messages with the production triage engine."""

from __future__ import annotations

from collections.abc import Sequence

from evals.cases import Sample, TriageAnswer
from evals.registry import task
from evals.tasks.judging import Judging
from service.domain.triage import Judgement

KEPT_CANDIDATES = 5


@task("triage")
class TriageTask(Judging):
    """Judge each message."""

    async def answer(self, samples: Sequence[Sample]) -> tuple[TriageAnswer, ...]:
        """One answer a case, in order."""
        judged = await self.judged([sample.text for sample in samples])
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
