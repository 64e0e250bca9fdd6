"""Derived data made anew: vectors of another embedder, a lost or stale vector cache."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Embedder, VectorStore
from retrieval.types import Role
from service.domain.base import Frozen
from service.errors import TransientProviderError
from service.ports.store import UnitOfWork, UowFactory

CHUNK = 512
"""Texts embedded in one step; progress is kept after each."""

OnProgress = Callable[[str, int, int], None]
"""Receives community/kind, done, total."""


class ReindexReport(Frozen):
    """What one run did."""

    embedded: int
    collections: int
    indexed: int


class ReindexFlow:
    """Re-embeds what the configured embedder did not make, then rebuilds the cache."""

    def __init__(self, *, uow: UowFactory, embedder: Embedder, vectors: VectorStore) -> None:
        self._uow, self._embedder, self._vectors = uow, embedder, vectors

    async def stale(self) -> frozenset[str]:
        """Fingerprints in the database that are not the configured embedder's."""
        async with self._uow() as uow:
            present = await uow.vectors.fingerprints()
        return present - {self._embedder.info.fingerprint}

    async def run(self, on_progress: OnProgress | None = None) -> ReindexReport:
        """Make vectors and index equal to the database; may be run again at any time.

        Raises:
            TransientProviderError: the embedder is not available.
        """
        async with self._uow() as uow:
            communities = await uow.communities.all()
        embedded = indexed = 0
        for community in communities:
            for kind in ("clause", "case"):
                embedded += await self._embed(community.id, kind, on_progress)
                indexed += await self._rebuild(community.id, kind)
        return ReindexReport(embedded=embedded, collections=2 * len(communities), indexed=indexed)

    async def _embed(self, community: str, kind: str, on_progress: OnProgress | None) -> int:
        info = self._embedder.info
        async with self._uow() as uow:
            stored = await uow.vectors.hashes(community, kind)
        stale = [i for i, (fingerprint, _) in stored.items() if fingerprint != info.fingerprint]
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
            gone = set(ids) - texts.keys()
            if gone:
                await uow.vectors.remove(community, kind, gone)
            role = Role.PASSAGE if kind == "clause" else Role.QUERY
            try:
                vectors = await asyncio.to_thread(
                    self._embedder.embed, list(texts.values()), role=role
                )
            except EmbedderUnavailable as error:
                raise TransientProviderError("The embedder is not available now.") from error
            await uow.vectors.put(
                community,
                kind,
                list(texts),
                vectors,
                fingerprint=self._embedder.info.fingerprint,
                hashes=[stored[i][1] for i in texts],
            )
            await uow.commit()

    async def _rebuild(self, community: str, kind: str) -> int:
        async with self._uow() as uow:
            rows = await uow.vectors.load(community, kind)
        name = f"{kind}:{community}"

        def rebuild() -> None:
            self._vectors.drop(name)
            index = self._vectors.collection(name, self._embedder.info)
            if rows.ids:
                index.upsert(rows.ids, rows.vectors)

        await asyncio.to_thread(rebuild)
        return len(rows.ids)


async def _texts(uow: UnitOfWork, community: str, kind: str, ids: Sequence[str]) -> dict[str, str]:
    if kind == "clause":
        wanted = set(ids)
        clauses = await uow.documents.live_clauses(community)
        return {c.id: c.embedding_text for c in clauses if c.id in wanted}
    triages = await uow.triages.latest(ids)
    return {i: triage.judgement.redacted.text for i, triage in triages.items()}
