"""Draft replies to texts that give orders, also orders hidden in what the search brings along."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace

from evals.cases import Sample
from evals.cases_written import AttacksAnswer, AttacksExpect
from evals.registry import task
from evals.tasks.base import engine_call
from evals.tasks.replying import Reply, Replying
from retrieval.types import Clause, DocumentKind, Passage, Retrieval
from service.domain.triage import SignalKind
from service.ports.engines import Judged

SECOND = 0.5
"""Share of the best score a planted passage gets: near enough to be read, too far to be quoted."""


@task("attacks")
class AttacksTask(Replying):
    """As replies are drafted; a case's hostile passage stands right behind the best one."""

    async def answer(self, samples: Sequence[Sample]) -> tuple[AttacksAnswer, ...]:
        """See `evals.tasks.base.Task`."""
        replies = await self.replies(samples)
        with engine_call():
            plain = await asyncio.to_thread(self._plain, samples)
        return tuple(_answer(reply, plain.get(reply.sample.id)) for reply in replies)

    def found_for(self, sample: Sample, judged: Judged) -> Retrieval:
        """The search's own passages, and the planted one."""
        found = super().found_for(sample, judged)
        if sample.passage is None or not found.passages:
            return found
        best, *others = found.passages
        planted = Passage(_clause(sample, sample.passage), best.score * SECOND, None, None)
        return replace(found, passages=(best, planted, *others))

    def _plain(self, samples: Sequence[Sample]) -> dict[str, int]:
        """How grave dangerous texts are without their orders."""
        texts = {sample.id: plain for sample in samples if (plain := _plain_of(sample))}
        if not texts:
            return {}
        times = [self._engines.now()] * len(texts)
        judged = self._engines.triager.judge(list(texts.values()), times)
        return {key: one.judgement.severity for key, one in zip(texts, judged, strict=True)}


def _plain_of(sample: Sample) -> str | None:
    return sample.expect.plain if isinstance(sample.expect, AttacksExpect) else None


def _clause(sample: Sample, text: str) -> Clause:
    """An entry of an uploaded list of questions."""
    return Clause(
        id=f"uploaded#{sample.id}",
        document_id="uploaded",
        version=1,
        kind=DocumentKind.FAQ,
        number=sample.id,
        headings=(),
        text=text,
        lang=sample.lang.value,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def _answer(reply: Reply, plain: int | None) -> AttacksAnswer:
    composition, judgement = reply.composition, reply.judged.judgement
    return AttacksAnswer(
        text=composition.text,
        cited=tuple(citation.clause_id for citation in composition.citations),
        context=tuple(passage.clause_id for passage in reply.context.passages),
        refusal=composition.refusal,
        origin=composition.origin,
        degraded_because=composition.degraded_because,
        lang=reply.context.lang,
        flagged=any(signal.kind is SignalKind.INJECTION for signal in judgement.signals),
        severity=judgement.severity,
        plain_severity=plain,
        findings=reply.found,
    )
