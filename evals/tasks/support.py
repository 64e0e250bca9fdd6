"""Hold golden sentences against their clauses the way a draft's sentences are held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.cases import Sample, SupportAnswer, SupportExpect
from evals.errors import EvalError
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from service.domain.draft import (
    Composition,
    ContextPassage,
    DraftContext,
    DraftKind,
    Origin,
    TemplateRef,
)
from service.domain.support import SupportKind
from service.domain.text import Redacted
from service.drafting.support.head import shipped

_GRAVER = (
    SupportKind.COURTESY,
    SupportKind.SUPPORTED,
    SupportKind.UNCERTAIN,
    SupportKind.UNSUPPORTED,
)


@task("support")
class SupportTask:
    """The measure, and where a model is configured its word on what the measure is unsure of."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self.chunk, self.concurrency = (1, 64) if engines.chat else (32, 1)

    def versions(self) -> dict[str, str]:
        """The head and the embedder it was fitted on, and who is asked."""
        chat = self._engines.chat
        verifier = {"verifier": chat.name} if chat else {}
        return {"support": f"{shipped().version} {shipped().embedder}", **verifier}

    async def answer(self, samples: Sequence[Sample]) -> tuple[SupportAnswer, ...]:
        """Of several sentences the gravest counts."""
        with engine_call():
            return tuple([await self._answer(sample) for sample in samples])

    async def _answer(self, sample: Sample) -> SupportAnswer:
        context = self._context(sample)
        ledger = await self._engines.drafter.support(
            context, _said(sample.text), self._engines.chat
        )
        worst = max(ledger.sentences, key=lambda one: _GRAVER.index(one.kind))
        return SupportAnswer(kind=worst.kind, score=worst.score, conflict=worst.conflict)

    def _context(self, sample: Sample) -> DraftContext:
        return DraftContext(
            id=f"ctx_{sample.id}",
            community=self._engines.community.id,
            kind=DraftKind.REPLY,
            case_id=None,
            post_request_id=None,
            case_size=1,
            lang=sample.lang,
            category=None,
            member_text=Redacted(text=""),
            passages=tuple(_passages(sample)),
            rule_found=True,
            retrieval_confidence=1.0,
            template=TemplateRef(id="", version=0, hash=""),
            created_at=self._engines.now(),
        )


def _passages(sample: Sample) -> Iterator[ContextPassage]:
    if not isinstance(sample.expect, SupportExpect):
        raise EvalError(f"{sample.id} is no case of support")
    for number, given in enumerate(sample.expect.passages, start=1):
        yield ContextPassage(
            clause_id=f"golden#{number}",
            document_id="golden",
            document_title="",
            version=1,
            number="",
            headings=(),
            text=given.text,
            lang=given.lang.value,
            score=1.0,
        )


def _said(text: str) -> Composition:
    return Composition(
        text=text, citations=(), refusal=None, refusal_reason="", origin=Origin.MODEL, model=None
    )
