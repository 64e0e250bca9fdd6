"""What stands around a request: its thread, and how a similar one was answered."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from retrieval.ports import Embedder, VectorStore
from retrieval.types import FloatMatrix
from service.domain.case import Case
from service.domain.draft import ApprovedExample, Background, ThreadTurn
from service.domain.triage import SignalKind, Triage
from service.flows.nearby import open_cases, stored_near
from service.ports.engines import Redactor
from service.ports.store import UnitOfWork, UowFactory

SPAN = timedelta(days=1)
"""How far before a request something belongs to what was said around it."""

MOST_TURNS = 6
NEIGHBOURS = 20

SIMILAR = 0.86
"""Least cosine of a question whose reply serves as an example. Set by hand: the reply is no source,
so a poor neighbour costs tone and not truth."""


class BackgroundSource:
    """Gathers background; every text in it is redacted."""

    def __init__(
        self, *, uow: UowFactory, embedder: Embedder, vectors: VectorStore, redactor: Redactor
    ) -> None:
        self._uow, self._embedder = uow, embedder
        self._vectors, self._redactor = vectors, redactor

    async def of(self, case: Case, triage: Triage) -> Background:
        """The last turns before the case, and an approved reply to a neighbour of its vector.

        Without a vector of the present embedder or the case index there is no such reply.
        """
        near = await self._near(case, triage)
        async with self._uow() as uow:
            return Background(
                thread=await self._thread(uow, case),
                approved=await self._example(uow, triage, near),
            )

    async def _thread(self, uow: UnitOfWork, case: Case) -> tuple[ThreadTurn, ...]:
        """Turns that try to give orders are left out: they are of no use and could be obeyed."""
        since = case.opened_at - SPAN
        found = await uow.triages.before(case, since=since, limit=MOST_TURNS)
        return tuple(
            ThreadTurn(text=one.judgement.redacted, own=author == case.author)
            for author, one in found
            if not any(signal.kind is SignalKind.INJECTION for signal in one.judgement.signals)
        )

    async def _example(
        self, uow: UnitOfWork, triage: Triage, near: list[str]
    ) -> ApprovedExample | None:
        """The nearest whose clauses read as they did and whose text holds no personal data."""
        lang = triage.judgement.lang
        for answer in await uow.drafts.approved_among(near, lang, unlike=triage.case_id):
            text = self._redactor.redact(answer.text)
            question = self._redactor.redact(answer.question)
            if text.spans or await uow.changes.outdated(triage.community, answer.passages):
                continue
            return ApprovedExample(task_id=answer.task_id, question=question, text=text)
        return None

    async def _near(self, case: Case, triage: Triage) -> list[str]:
        if triage.judgement.versions.embedder != self._embedder.info.fingerprint:
            return []
        async with self._uow() as uow:
            rows = await uow.vectors.load(case.community, "case", ids=[case.id])
        return await asyncio.to_thread(self._similar, case, rows.vectors) if rows.ids else []

    def _similar(self, case: Case, vectors: FloatMatrix) -> list[str]:
        index = open_cases(self._vectors, self._embedder, case.community)
        hits = stored_near(index, vectors[:1], NEIGHBOURS)[0]
        return [one for one, score in hits if score >= SIMILAR and one != case.id]
