"""Give the drafting engine two clauses that answer equally well, as the draft flow does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.cases import Sample
from evals.cases_clauses import ConflictsAnswer, ConflictsExpect
from evals.errors import EvalError
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from retrieval.types import Clause, DocumentKind, Passage, Retrieval
from service.domain.base import Lang
from service.domain.case import Case, CaseText
from service.domain.conflict import ConflictSide
from service.domain.draft import DraftContext
from service.domain.taxonomy import Department
from service.domain.text import Redacted
from service.domain.triage import EngineVersions, Judgement, Label, Route, Sentiment, Urgency
from service.drafting.support.contradiction import shipped
from service.ports.engines import ContextInput

CATEGORY = "usage_question"
"""A category that needs a rule, which no word of a message holds for a person."""


@task("conflicts")
class ConflictsTask:
    """The context alone; nothing is searched, judged or written."""

    chunk = 16
    concurrency = 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """The head and the embedder it was fitted on."""
        return {"conflicts": f"{shipped().version} {shipped().embedder}"}

    async def answer(self, samples: Sequence[Sample]) -> tuple[ConflictsAnswer, ...]:
        """One answer a pair, in order."""
        with engine_call():
            found = await asyncio.to_thread(lambda: [self._context(one) for one in samples])
        return tuple(map(_answer, found))

    def _context(self, sample: Sample) -> DraftContext:
        if not isinstance(sample.expect, ConflictsExpect):
            raise EvalError(f"{sample.id} is no case of conflicts")
        sides = (("one", sample.text, sample.lang), ("other", *_other(sample.expect)))
        passages = tuple(Passage(_clause(*side), 0.9, 0.9, None) for side in sides)
        return self._engines.drafter.reply_context(
            ContextInput(
                context_id=f"ctx_{sample.id}",
                community=self._engines.community,
                case=self._case(sample),
                judgement=self._judgement(sample.lang),
                retrieval=Retrieval(query="", passages=passages, found=True, confidence=0.9),
                titles={},
                instruction="",
                created_at=self._engines.now(),
            )
        )

    def _case(self, sample: Sample) -> CaseText:
        now = self._engines.now()
        case = Case(
            id=f"case_{sample.id}", community=self._engines.community.id, author="golden",
            source="evals", channel="golden", thread=None, opened_at=now, last_at=now, size=1,
        )  # fmt: skip
        return CaseText(case=case, messages=())

    def _judgement(self, lang: Lang) -> Judgement:
        asked = (Label(category=CATEGORY, confidence=0.9),)
        due = self._engines.now()
        return Judgement(
            lang=lang, redacted=Redacted(text="?"), labels=asked, candidates=asked,
            abstained=False, sentiment=Sentiment.NEUTRAL, sentiment_confidence=1.0, toxicity=0.0,
            severity=1, urgency=Urgency.NORMAL,
            route=Route(department=Department.SUPPORT, due_at=due, reply_due=True),
            signals=(), evidence=(),
            versions=EngineVersions(taxonomy="", heads="", embedder="", signals=""),
        )  # fmt: skip


def _other(expect: ConflictsExpect) -> tuple[str, Lang]:
    return expect.other, expect.other_lang


def _clause(document: str, text: str, lang: Lang) -> Clause:
    return Clause(
        id=f"{document}#1", document_id=document, version=1, kind=DocumentKind.RULES, number="1",
        headings=(), text=text, lang=lang.value, content_hash="",
    )  # fmt: skip


def _answer(context: DraftContext) -> ConflictsAnswer:
    conflict = context.conflict
    if conflict is None:
        return ConflictsAnswer()
    ordered = sorted(conflict.sides, key=lambda side: side.clause_id)
    other, one = (_words(context, side) for side in reversed(ordered))
    return ConflictsAnswer(differs=conflict.differs, marks=(one, other))


def _words(context: DraftContext, side: ConflictSide) -> tuple[str, ...]:
    passage = context.passage(side.clause_id)
    text = passage.text if passage else ""
    return tuple(mark.of(text) for mark in side.marks)
