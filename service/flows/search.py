"""Which clause answers a text: hybrid search over a community's live documents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import structlog

from retrieval.config import RetrieverConfig
from retrieval.corpus import assemble
from retrieval.errors import EmbedderUnavailable, FingerprintMismatch, IndexUnavailable
from retrieval.indexer import IndexEntry, rebuild, reconcile
from retrieval.ports import Embedder, VectorIndex, VectorStore
from retrieval.retriever import Retriever
from retrieval.types import Clause, Corpus, EmbedderInfo, Retrieval, Role
from service.errors import ConfigurationError, TransientProviderError
from service.ports.store import UowFactory

log = structlog.get_logger()


class SearchFlow:
    """Keeps one retriever a community, rebuilt when its live clauses change."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        embedder: Embedder,
        vectors: VectorStore,
        config: RetrieverConfig,
    ) -> None:
        self._uow, self._embedder = uow, embedder
        self._vectors, self._config = vectors, config
        self._retrievers: dict[str, tuple[str, Retriever]] = {}
        self._building = asyncio.Lock()

    @property
    def _info(self) -> EmbedderInfo:
        """Identity of questions and clauses."""
        return self._embedder.info.of(Role.CLAUSE)

    async def titles(self, community: str) -> Mapping[str, str]:
        """Document id to title, of live documents."""
        async with self._uow() as uow:
            return {d.id: d.title for d in await uow.documents.list(community)}

    async def search(self, community: str, text: str) -> Retrieval:
        """Search the live clauses of a community; `text` must be redacted.

        Raises:
            TransientProviderError: the embedder is not available.
            ConfigurationError: stored vectors come from another embedder.
        """
        try:
            retriever = await self._retriever(community)
            if retriever is None:
                return Retrieval(query=text, passages=(), found=False, confidence=0.0)
            return await asyncio.to_thread(retriever.retrieve, text)
        except EmbedderUnavailable as error:
            raise TransientProviderError("The embedder is not available now.") from error

    async def _retriever(self, community: str) -> Retriever | None:
        async with self._uow() as uow:
            version = await uow.documents.corpus_version(community)
        if known := self._known(community, version):
            return known
        async with self._building:
            if known := self._known(community, version):
                return known
            corpus = await self._corpus(community)
            if not corpus.clauses:
                return None
            retriever = await asyncio.to_thread(self._build, corpus)
            self._retrievers[community] = (version, retriever)
            return retriever

    def _known(self, community: str, version: str) -> Retriever | None:
        known = self._retrievers.get(community)
        return known[1] if known and known[0] == version else None

    async def _corpus(self, community: str) -> Corpus:
        async with self._uow() as uow:
            clauses = await uow.documents.live_clauses(community)
            stored = await uow.vectors.hashes(community, "clause")
        await self._embed_missing(community, clauses, stored)
        async with self._uow() as uow:
            rows = await uow.vectors.load(community, "clause", ids=[c.id for c in clauses])
        place = {clause_id: row for row, clause_id in enumerate(rows.ids)}
        return assemble(community, clauses, rows.vectors[[place[c.id] for c in clauses]])

    async def _embed_missing(
        self, community: str, clauses: Iterable[Clause], stored: Mapping[str, tuple[str, str]]
    ) -> None:
        """Embed clauses that have no vector, an older text's, or one the same embedder made in
        another way; no transaction waits for it."""
        info = await asyncio.to_thread(lambda: self._info)
        plain = self._embedder.info.fingerprint
        _require_one_embedder((f for f, _ in stored.values() if f != plain), info.fingerprint)
        wanted = ((c, (info.fingerprint, c.content_hash)) for c in clauses)
        todo = [clause for clause, current in wanted if stored.get(clause.id) != current]
        if not todo:
            return
        texts = [clause.embedding_text for clause in todo]
        vectors = await asyncio.to_thread(self._embedder.embed, texts, role=Role.CLAUSE)
        async with self._uow() as uow:
            await uow.vectors.put(
                community,
                "clause",
                [clause.id for clause in todo],
                vectors,
                fingerprint=info.fingerprint,
                hashes=[clause.content_hash for clause in todo],
            )
            await uow.commit()

    def _build(self, corpus: Corpus) -> Retriever:
        return Retriever(corpus, self._embedder, self._index(corpus), self._config)

    def _index(self, corpus: Corpus) -> VectorIndex | None:
        """The reconciled vector cache, or None when it is away: search then reads the database's
        own vectors."""
        entries = [
            IndexEntry(clause.id, clause.content_hash, vector)
            for clause, vector in zip(corpus.clauses, corpus.vectors, strict=True)
        ]
        try:
            return self._filled(f"clause:{corpus.community}", entries)
        except IndexUnavailable as error:
            log.warning("clause_index_unavailable", reason=type(error).__name__)
            return None

    def _filled(self, name: str, entries: Sequence[IndexEntry]) -> VectorIndex:
        """The collection with these entries; one of other vectors is built anew."""
        try:
            reconcile(entries, self._vectors.collection(name, self._info))
        except FingerprintMismatch:
            rebuild(entries, self._vectors, name, self._info)
        return self._vectors.collection(name, self._info)


def _require_one_embedder(stored: Iterable[str], current: str) -> None:
    for fingerprint in set(stored):
        if fingerprint != current:
            raise ConfigurationError(str(FingerprintMismatch(fingerprint, current)))
