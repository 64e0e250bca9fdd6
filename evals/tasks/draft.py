"""Draft replies to golden messages."""

from __future__ import annotations

from collections.abc import Sequence

from evals.cases import DraftAnswer, Sample
from evals.registry import task
from evals.tasks.replying import Reply, Replying


@task("draft")
class DraftTask(Replying):
    """Judge, search, freeze the context, compose, check."""

    async def answer(self, samples: Sequence[Sample]) -> tuple[DraftAnswer, ...]:
        """See `evals.tasks.base.Task`."""
        return tuple(map(_answer, await self.replies(samples)))


def _answer(reply: Reply) -> DraftAnswer:
    composition, context = reply.composition, reply.context
    spans = context.member_text.spans
    return DraftAnswer(
        text=composition.text,
        cited=tuple(citation.clause_id for citation in composition.citations),
        context=tuple(passage.clause_id for passage in context.passages),
        refusal=composition.refusal,
        origin=composition.origin,
        degraded_because=composition.degraded_because,
        lang=context.lang,
        member_pii=tuple(reply.sample.text[span.start : span.end] for span in spans),
        support=tuple(one.kind for one in reply.support.sentences),
        findings=reply.found,
    )
