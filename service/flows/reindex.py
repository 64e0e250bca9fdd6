"""Derived data made anew: vectors of another embedder, a lost or stale vector cache."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from retrieval.errors import EmbedderUnavailable, FingerprintMismatch, IndexUnavailable
from retrieval.indexer import IndexEntry, ReconcileReport, rebuild, reconcile
from retrieval.ports import Embedder, VectorStore
from retrieval.types import FloatMatrix, Role
from service.domain.base import Frozen
from service.errors import TransientProviderError
from service.ports.store import UnitOfWork, UowFactory

CHUNK = 512
"""Texts embedded in one step; progress is kept after each."""

KINDS = {"clause": Role.CLAUSE, "case": Role.QUERY}
"""What is embedded, and as what."""

OnProgress = Callable[[str, int, int], None]
"""Receives community/kind, done, total."""

log = structlog.get_logger()


class ReindexReport(Frozen):
    """Texts embedded anew and vectors now in the cache."""

    embedded: int
    indexed: int


class ReindexFlow:
    """Makes vectors and cache equal to what the database and the configured embedder say."""

    def __init__(self, *, uow: UowFactory, embedder: Embedder, vectors: VectorStore) -> None:
        self._uow, self._embedder, self._vectors = uow, embedder, vectors
        self._apart: frozenset[str] = frozenset()

    async def stale(self) -> frozenset[str]:
        """Fingerprints in the database that are not the configured embedder's.

        Clauses it embedded in another way are not among them: the search makes those anew.
        """
        async with self._uow() as uow:
            present = await uow.vectors.fingerprints()
        return present - {self._embedder.info.of(role).fingerprint for role in KINDS.values()}

    async def run(self, on_progress: OnProgress | None = None) -> ReindexReport:
        """Embed what another embedder made, then build every collection afresh.

        Raises:
            TransientProviderError: the embedder is not available.
        """
        embedded = indexed = 0
        for community in await self._communities():
            for kind in KINDS:
                embedded += await self._embed(community, kind, on_progress)
                entries = await self._entries(community, kind)
                info = self._embedder.info.of(KINDS[kind])
                report = await asyncio.to_thread(
                    rebuild, entries, self._vectors, f"{kind}:{community}", info
                )
                indexed += report.added
        return ReindexReport(embedded=embedded, indexed=indexed)

    async def reconcile(self) -> None:
        """Bring the case cache up to the database after a crash or a loss; cheap when equal."""
        await self._bring_up(await self._communities())

    async def catch_up(self) -> None:
        """Reconcile the communities whose cache holds another number of vectors than the database,
        now and at the last call: triages under way make them differ for a moment."""
        apart = set[str]()
        for community in await self._communities():
            async with self._uow() as uow:
                stored = await uow.vectors.count(community, "case")
            try:
                cached = await asyncio.to_thread(self._cached, community)
            except (IndexUnavailable, FingerprintMismatch):
                return  # still away; triage says so each time it misses it
            if cached != stored:
                apart.add(community)
        await self._bring_up(sorted(apart & self._apart))
        self._apart = frozenset(apart - self._apart)

    def _cached(self, community: str) -> int:
        return self._vectors.collection(f"case:{community}", self._embedder.info).count()

    async def _bring_up(self, communities: Sequence[str]) -> None:
        for community in communities:
            entries = await self._entries(community, "case")
            try:
                report = await asyncio.to_thread(self._reconcile, community, entries)
            except (IndexUnavailable, FingerprintMismatch) as error:
                log.warning("case_index_unavailable", reason=str(error))
                return
            if report.added or report.removed:
                log.info("case_index_reconciled", added=report.added, removed=report.removed)

    def _reconcile(self, community: str, entries: Sequence[IndexEntry]) -> ReconcileReport:
        index = self._vectors.collection(f"case:{community}", self._embedder.info)
        return reconcile(entries, index)

    async def _communities(self) -> tuple[str, ...]:
        async with self._uow() as uow:
            return tuple(community.id for community in await uow.communities.all())

    async def _entries(self, community: str, kind: str) -> list[IndexEntry]:
        async with self._uow() as uow:
            rows = await uow.vectors.load(community, kind)
            hashes = await uow.vectors.hashes(community, kind)
        return [
            IndexEntry(item, hashes[item][1], vector)
            for item, vector in zip(rows.ids, rows.vectors, strict=True)
        ]

    async def _embed(self, community: str, kind: str, on_progress: OnProgress | None) -> int:
        current = self._embedder.info.of(KINDS[kind]).fingerprint
        async with self._uow() as uow:
            stored = await uow.vectors.hashes(community, kind)
        stale = [item for item, (fingerprint, _) in stored.items() if fingerprint != current]
        for start in range(0, len(stale), CHUNK):
            await self._embed_chunk(community, kind, stale[start : start + CHUNK], stored)
            if on_progress:
                on_progress(f"{community}/{kind}", min(start + CHUNK, len(stale)), len(stale))
        return len(stale)

    async def _embed_chunk(
        self,
        community: str,
        kind: str,
        ids: Sequence[str],
        stored: Mapping[str, tuple[str, str]],
    ) -> None:
        async with self._uow() as uow:
            texts = await _texts(uow, community, kind, ids)
            if gone := set(ids) - texts.keys():
                await uow.vectors.remove(community, kind, gone)
            if texts:
                role = KINDS[kind]
                vectors = await asyncio.to_thread(self._vectors_of, list(texts.values()), role)
                await uow.vectors.put(
                    community,
                    kind,
                    list(texts),
                    vectors,
                    fingerprint=self._embedder.info.of(role).fingerprint,
                    hashes=[stored[item][1] for item in texts],
                )
            await uow.commit()

    def _vectors_of(self, texts: list[str], role: Role) -> FloatMatrix:
        try:
            return self._embedder.embed(texts, role=role)
        except EmbedderUnavailable as error:
            raise TransientProviderError("The embedder is not available now.") from error


async def _texts(uow: UnitOfWork, community: str, kind: str, ids: Sequence[str]) -> dict[str, str]:
    if kind == "clause":
        wanted = set(ids)
        clauses = await uow.documents.live_clauses(community)
        return {c.id: c.embedding_text for c in clauses if c.id in wanted}
    triages = await uow.triages.latest(ids)
    return {item: triage.judgement.redacted.text for item, triage in triages.items()}
