"""What tasks share that have replies drafted the way the draft flow does, without storing them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from evals.cases import Sample
from evals.cases_written import DraftFinding
from evals.tasks.base import engine_call
from evals.wiring import Engines
from retrieval.types import Retrieval
from service.domain.base import Lang
from service.domain.case import Case, CaseText
from service.domain.draft import Composition, DraftContext, DraftKind, Finding
from service.domain.message import Message
from service.domain.support import SupportLedger
from service.drafting.support.head import shipped
from service.ports.engines import ContextInput, Judged

REPLY_TEMPLATE = "grounded"


class Reply(NamedTuple):
    """A case's reply with everything it came from."""

    sample: Sample
    judged: Judged
    context: DraftContext
    composition: Composition
    support: SupportLedger
    findings: tuple[Finding, ...]

    @property
    def found(self) -> tuple[DraftFinding, ...]:
        """The findings as answers keep them."""
        return tuple(DraftFinding(check=f.check, severity=f.severity) for f in self.findings)


class Replying:
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

    async def replies(self, samples: Sequence[Sample]) -> tuple[Reply, ...]:
        """Contexts in a thread (they embed); composing on the loop (it may wait for a model).

        Raises:
            EngineFailure: an engine raised.
        """
        with engine_call():
            found = await asyncio.to_thread(self._contexts, samples)
            pairs = zip(samples, found, strict=True)
            drafts = (self._draft(sample, *one) for sample, one in pairs)
            return tuple(await asyncio.gather(*drafts))

    def found_for(self, sample: Sample, judged: Judged) -> Retrieval:
        """The clauses a reply may rest on."""
        del sample  # tasks that plant passages look at it
        return self._engines.rules.search(judged.judgement.redacted.text)

    async def _draft(self, sample: Sample, judged: Judged, context: DraftContext) -> Reply:
        composition = await self._engines.drafter.compose(context, self._engines.chat)
        support = await self._engines.drafter.support(context, composition, self._engines.chat)
        findings = self._engines.drafter.check(context, composition, support)
        return Reply(sample, judged, context, composition, support, findings)

    def _contexts(self, samples: Sequence[Sample]) -> list[tuple[Judged, DraftContext]]:
        times = [self._engines.now()] * len(samples)
        judged = self._engines.triager.judge([sample.text for sample in samples], times)
        pairs = zip(samples, judged, strict=True)
        return [(one, self._context(sample, one)) for sample, one in pairs]

    def _context(self, sample: Sample, judged: Judged) -> DraftContext:
        return self._engines.drafter.reply_context(
            ContextInput(
                context_id=f"ctx_{sample.id}",
                community=self._engines.community,
                case=self._case(sample),
                judgement=judged.judgement,
                retrieval=self.found_for(sample, judged),
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
