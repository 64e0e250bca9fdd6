"""Draft replies to golden messages the way the draft flow does, without storing them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.cases import DraftAnswer, DraftFinding, Sample
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from service.domain.base import Lang
from service.domain.case import Case, CaseText
from service.domain.draft import DraftContext, DraftKind
from service.domain.message import Message
from service.drafting.support.head import shipped
from service.ports.engines import ContextInput, Judged

REPLY_TEMPLATE = "grounded"


@task("draft")
class DraftTask:
    """Judge, search, freeze the context, compose, check."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        # with a model each answer counts, and how many are in flight is the model's business
        self.chunk, self.concurrency = (1, 64) if engines.chat else (8, 2)

    def versions(self) -> dict[str, str]:
        """What judges and searches, template of each language, support head, and who writes."""
        templates = {f"template_{lang}": self._template(lang) for lang in Lang}
        writer = self._engines.chat.name if self._engines.chat else "rule-grounded template"
        (judged,) = self._engines.triager.judge(["版本"], [self._engines.now()])
        return {
            **judged.judgement.versions.model_dump(exclude_none=True),
            **self._engines.rules.versions(),
            **templates,
            "support": f"{shipped().version} {shipped().embedder}",
            "writer": writer,
        }

    async def answer(self, samples: Sequence[Sample]) -> tuple[DraftAnswer, ...]:
        """Contexts in a thread (they embed); composing on the loop (it may wait for a model)."""
        with engine_call():
            contexts = await asyncio.to_thread(self._contexts, samples)
            answers = map(self._draft, samples, contexts)
            return tuple(await asyncio.gather(*answers))

    async def _draft(self, sample: Sample, context: DraftContext) -> DraftAnswer:
        composition = await self._engines.drafter.compose(context, self._engines.chat)
        support = await self._engines.drafter.support(context, composition, self._engines.chat)
        findings = self._engines.drafter.check(context, composition, support)
        return DraftAnswer(
            text=composition.text,
            cited=tuple(citation.clause_id for citation in composition.citations),
            context=tuple(passage.clause_id for passage in context.passages),
            refusal=composition.refusal,
            origin=composition.origin,
            degraded_because=composition.degraded_because,
            lang=context.lang,
            member_pii=tuple(sample.text[s.start : s.end] for s in context.member_text.spans),
            support=tuple(one.kind for one in support.sentences),
            findings=tuple(DraftFinding(check=f.check, severity=f.severity) for f in findings),
        )

    def _contexts(self, samples: Sequence[Sample]) -> list[DraftContext]:
        times = [self._engines.now()] * len(samples)
        judged = self._engines.triager.judge([sample.text for sample in samples], times)
        return [self._context(*pair) for pair in zip(samples, judged, strict=True)]

    def _context(self, sample: Sample, judged: Judged) -> DraftContext:
        judgement = judged.judgement
        return self._engines.drafter.reply_context(
            ContextInput(
                context_id=f"ctx_{sample.id}",
                community=self._engines.community,
                case=self._case(sample),
                judgement=judgement,
                retrieval=self._engines.rules.search(judgement.redacted.text),
                titles=self._engines.rules.titles,
                instruction="",
                created_at=self._engines.now(),
            )
        )

    def _case(self, sample: Sample) -> CaseText:
        now, community = self._engines.now(), self._engines.community.id
        case = Case(
            id=f"case_{sample.id}",
            community=community,
            author="golden",
            source="evals",
            channel="golden",
            thread=None,
            opened_at=now,
            last_at=now,
            size=1,
        )
        message = Message(
            id=f"msg_{sample.id}",
            community=community,
            source="evals",
            external_id=sample.id,
            author="golden",
            text=sample.text,
            sent_at=now,
            received_at=now,
            case_id=case.id,
        )
        return CaseText(case=case, messages=(message,))

    def _template(self, lang: Lang) -> str:
        ref = self._engines.drafter.template_for(DraftKind.REPLY, REPLY_TEMPLATE, lang)
        return f"{ref.id} v{ref.version} {ref.hash[:12]}"
