"""Cases are judged; what needs a reply gets a draft job."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import numpy as np
import structlog

from retrieval.errors import EmbedderUnavailable, IndexUnavailable, RetrievalError
from retrieval.indexer import index_key
from retrieval.ports import Embedder, VectorIndex, VectorStore
from retrieval.types import FloatMatrix
from service.domain.case import BURST_GAP, REPLY_WINDOW, CaseText
from service.domain.cleaning import clean_text, is_blank
from service.domain.message import MAX_TEXT, text_hash
from service.domain.triage import DuplicateKind, DuplicateOf, Judgement, Triage
from service.errors import AppError, InvalidInput, TransientProviderError
from service.flows.nearby import earlier_near, open_cases
from service.flows.reach import refresh_priorities
from service.flows.routes import Routes, routes_of, silent
from service.ports.clock import Clock, Ids
from service.ports.engines import Candidate, Engines, Judged, Labeller, Triager
from service.ports.jobs import SWEEP_REST, Deferred, Job
from service.ports.store import UnitOfWork, UowFactory
from service.triage.standing import carried

log = structlog.get_logger()


class TriageFlow:
    """Judges stored cases and loose texts."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        triager: Triager,
        embedder: Embedder,
        vectors: VectorStore,
        clock: Clock,
        ids: Ids,
        engines: Engines | None = None,
        labeller: Labeller | None = None,
    ) -> None:
        """Bind the parts; `engines` knows what was learned since, `triager` alone does not. Without
        a `labeller` no model is ever asked."""
        self._engines, self._labeller = engines, labeller
        self._uow, self._triager, self._clock, self._ids = uow, triager, clock, ids
        self._embedder, self._vectors = embedder, vectors

    async def judge_texts(
        self, texts: Sequence[str], community: str | None = None
    ) -> tuple[Judgement, ...]:
        """Judge without storing anything, as `community` has taught it.

        Raises:
            InvalidInput: a text is empty or longer than `MAX_TEXT`.
            TransientProviderError: the embedder is not available.
        """
        cleaned = [_require_text(text) for text in texts]
        judged = await self._judge(community, cleaned, [self._clock.now()] * len(cleaned))
        return tuple(one.judgement for one in judged)

    async def run(self, community: str, case_ids: Collection[str]) -> int:
        """Triage those of the cases whose newest messages no triage has seen; count them.

        A case that breaks the engine does not keep the others from their triage: the chunk is
        halved until it stands alone, and its error is raised when the others are done.
        """
        try:
            return await self._run(community, case_ids)
        except (AppError, RetrievalError):
            raise  # a provider is away or set up wrongly: the same for every case
        except Exception as error:
            if len(case_ids) < 2:
                raise
            log.warning("triage_chunk_halved", cases=len(case_ids), reason=type(error).__name__)
        ids, middle = sorted(case_ids), len(case_ids) // 2
        try:
            done = await self.run(community, ids[:middle])
        finally:
            after = await self.run(community, ids[middle:])
        return done + after

    async def _run(self, community: str, case_ids: Collection[str]) -> int:
        todo, former = await self._outdated(case_ids)
        if not todo:
            return 0
        judged = await self._judge(
            community,
            [text.text for text in todo],
            [text.case.last_at for text in todo],
            patient=True,
        )
        matrix = np.stack([one.vector for one in judged])
        index = await asyncio.to_thread(open_cases, self._vectors, self._embedder, community)
        duplicates = await self._duplicates(community, todo, judged, matrix, index)
        staff = await self._staff(community)
        triages = await self._append(community, todo, judged, duplicates, matrix, staff)
        if index is not None:
            await asyncio.to_thread(_remember, index, triages, matrix, former)
        return len(triages)

    async def sweep(self, limit: int = 2_000, chunk: int = 128) -> int:
        """Defer triage for cases that have none, in case their job was lost."""
        async with self._uow() as uow:
            pending = await uow.triages.pending(limit)
            by_community: dict[str, list[str]] = {}
            for community, case_id in pending:
                by_community.setdefault(community, []).append(case_id)
            for community, ids in by_community.items():
                for start in range(0, len(ids), chunk):
                    part = ids[start : start + chunk]
                    await uow.jobs.defer(
                        Job.TRIAGE,
                        {"community": community, "case_ids": part},
                        # With another case in it, a chunk has another key and another chance.
                        key=f"triage-sweep:{text_hash(' '.join(part))}",
                        rest=SWEEP_REST,
                    )
            await uow.commit()
        return len(pending)

    async def _outdated(self, case_ids: Collection[str]) -> tuple[list[CaseText], list[Triage]]:
        """Cases with messages no triage has seen, and the triages they outgrew."""
        async with self._uow() as uow:
            texts = await uow.cases.texts(case_ids)
            latest = await uow.triages.latest(case_ids)
        todo = [
            text
            # In one order everywhere: earlier cases first, and no deadlock between chunks.
            for case_id, text in sorted(texts.items())
            if (seen := latest.get(case_id)) is None or seen.case_size < text.case.size
        ]
        return todo, [latest[t.case.id] for t in todo if t.case.id in latest]

    async def _judge(
        self,
        community: str | None,
        texts: Sequence[str],
        at: Sequence[datetime],
        *,
        patient: bool = False,
    ) -> tuple[Judged, ...]:
        try:
            engine = self._triager
            if self._engines is not None:
                engine = await self._engines.of(community, patient=patient)
            return await asyncio.to_thread(engine.judge, texts, at)
        except EmbedderUnavailable as error:
            raise TransientProviderError("The embedder is not available now.") from error

    async def _duplicates(
        self,
        community: str,
        todo: Sequence[CaseText],
        judged: Sequence[Judged],
        matrix: FloatMatrix,
        index: VectorIndex | None,
    ) -> list[DuplicateOf | None]:
        ids = [text.case.id for text in todo]
        near = await asyncio.to_thread(earlier_near, index, ids, matrix)
        wanted = {case_id for row in near for case_id, _ in row}
        async with self._uow() as uow:
            first = await uow.triages.first_with_hash(community, {j.content_hash for j in judged})
            stored = await uow.triages.redacted(wanted - set(ids))
        texts = dict(stored)
        texts |= {t.case.id: j.judgement.redacted.text for t, j in zip(todo, judged, strict=True)}
        seen = dict(first)
        found: list[DuplicateOf | None] = []
        for text, one, row in zip(todo, judged, near, strict=True):
            case_id = text.case.id
            earlier = seen.setdefault(one.content_hash, case_id)
            candidates = [Candidate(i, texts[i], score) for i, score in row if i in texts]
            found.append(
                DuplicateOf(case_id=earlier, kind=DuplicateKind.EXACT, similarity=1.0)
                if earlier != case_id
                else self._triager.duplicate(one.judgement.redacted.text, candidates)
            )
        return found

    def _triages(
        self,
        todo: Sequence[CaseText],
        judged: Sequence[Judged],
        duplicates: Sequence[DuplicateOf | None],
        staff: frozenset[str],
        latest: Mapping[str, Triage],
        routes: Routes | None,
    ) -> list[Triage]:
        now, triages = self._clock.now(), []
        for text, one, duplicate in zip(todo, judged, duplicates, strict=True):
            case = text.case
            judgement, standing = carried(
                one.judgement, latest.get(case.id), self._triager.taxonomy, case.last_at
            )
            if case.author in staff:
                judgement = silent(judgement)
            if routes is not None:
                judgement = routes.routed(judgement, case, standing)
            triages.append(
                Triage(
                    id=self._ids.new("tri"),
                    case_id=case.id,
                    community=case.community,
                    case_size=case.size,
                    judgement=judgement,
                    duplicate_of=duplicate,
                    content_hash=one.content_hash,
                    standing=standing,
                    created_at=now,
                )
            )
        return triages

    def _due(self, todo: Sequence[CaseText], triages: Sequence[Triage]) -> frozenset[str]:
        """Cases to draft a reply for: what was said long ago is read, not answered."""
        since = self._clock.now() - REPLY_WINDOW
        return frozenset(
            text.case.id
            for text, triage in zip(todo, triages, strict=True)
            if triage.judgement.route.reply_due and text.case.last_at >= since
        )

    async def _staff(self, community: str) -> frozenset[str]:
        async with self._uow() as uow:
            found = await uow.communities.get(community)
        return found.staff if found else frozenset()

    async def _append(
        self,
        community: str,
        todo: Sequence[CaseText],
        judged: Sequence[Judged],
        duplicates: Sequence[DuplicateOf | None],
        matrix: FloatMatrix,
        staff: frozenset[str],
    ) -> list[Triage]:
        """Store the triages, what people decided before kept on them, and the draft jobs."""
        async with self._uow() as uow:
            ids = [text.case.id for text in todo]
            await uow.overrides.lock(ids)
            latest = await uow.triages.latest(ids)
            routes = await routes_of(uow, community, ids)
            triages = self._triages(todo, judged, duplicates, staff, latest, routes)
            due = self._due(todo, triages)
            await uow.triages.add(triages)
            await refresh_priorities(uow, [t.case_id for t in triages if t.duplicate_of])
            await uow.vectors.put(
                community,
                "case",
                [triage.case_id for triage in triages],
                matrix,
                fingerprint=self._embedder.info.fingerprint,
                hashes=[one.content_hash for one in judged],
            )
            await _defer_each(uow, Job.DRAFT, [t for t in triages if t.case_id in due])
            await uow.jobs.defer(Job.PLACE, {"community": community, "case_ids": ids})
            last = {text.case.id: text.case.last_at for text in todo}
            await self._ask_later(uow, [t for t in triages if t.case_id in due], last)
            await uow.commit()
        return triages

    async def _ask_later(
        self, uow: UnitOfWork, triages: Sequence[Triage], last: Mapping[str, datetime]
    ) -> None:
        """A job for what the heads left open and a model may be asked; a duplicate is not asked
        about again."""
        if self._labeller is None:
            return
        fresh = [t for t in triages if t.standing is None and t.duplicate_of is None]
        asked = [triage for triage in fresh if self._labeller.due(triage.judgement)]
        # A burst is asked about once, when it has ended.
        ended = {triage.case_id: last[triage.case_id] + BURST_GAP for triage in asked}
        await _defer_each(uow, Job.CLASSIFY, asked, ended)


async def _defer_each(
    uow: UnitOfWork, job: Job, triages: Sequence[Triage], at: Mapping[str, datetime] | None = None
) -> None:
    """A job for each case, known by its size; `at` is the earliest moment of each."""
    starts = at or {}
    await uow.jobs.defer_all(
        job,
        [
            Deferred(
                key=f"{job.value}:{triage.case_id}:{triage.case_size}",
                payload={"case_id": triage.case_id},
                run_at=starts.get(triage.case_id),
            )
            for triage in triages
        ],
    )


def _require_text(text: str) -> str:
    cleaned = clean_text(text)
    if is_blank(cleaned):
        raise InvalidInput("The text is empty.")
    if len(cleaned) > MAX_TEXT:
        raise InvalidInput(f"The text is longer than {MAX_TEXT} characters.")
    return cleaned


def _remember(
    index: VectorIndex, triages: Sequence[Triage], matrix: FloatMatrix, former: Sequence[Triage]
) -> None:
    """Bring the cache up to date; what is lost here reconciliation finds again."""
    keys = [index_key(triage.case_id, triage.content_hash) for triage in triages]
    stale = {index_key(old.case_id, old.content_hash) for old in former} - set(keys)
    try:
        index.upsert(keys, matrix)
        index.delete(sorted(stale))
    except IndexUnavailable as error:
        log.warning("case_index_write_failed", reason=type(error).__name__)
