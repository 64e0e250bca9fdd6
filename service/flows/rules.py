"""Rule documents: uploaded, versioned, retired, searched."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping

import structlog

from retrieval.config import RetrieverConfig
from retrieval.corpus import ClauseDiff, clauses_of, diff
from retrieval.documents import ParsedDocument, parse
from retrieval.errors import (
    DocumentUnreadable,
    EmbedderUnavailable,
    FingerprintMismatch,
    IndexUnavailable,
)
from retrieval.indexer import reconcile
from retrieval.ports import Embedder, VectorIndex, VectorStore
from retrieval.retriever import Retriever
from retrieval.types import Clause, Corpus, DocumentKind, FloatVector, Retrieval, Role
from service.domain.document import Document, DocumentStatus
from service.errors import ConfigurationError, InvalidInput, NotFound, TransientProviderError
from service.ports.clock import Clock, Ids
from service.ports.store import UnitOfWork, UowFactory

log = structlog.get_logger()


class RulesFlow:
    """Keeps documents under version and answers which clause fits a text."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        embedder: Embedder,
        vectors: VectorStore,
        config: RetrieverConfig,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._embedder, self._vectors = uow, embedder, vectors
        self._config, self._clock, self._ids = config, clock, ids
        self._retrievers: dict[str, tuple[str, Retriever]] = {}
        self._building = asyncio.Lock()

    async def upload(
        self,
        community: str,
        *,
        filename: str,
        data: bytes,
        mime: str | None,
        by: str,
        slug: str | None = None,
        kind: DocumentKind | None = None,
    ) -> tuple[Document, ClauseDiff]:
        """Store a new version and say what changed; the same content again changes nothing.

        Raises:
            InvalidInput: the document cannot be read; the message says why.
            NotFound: the community does not exist.
        """
        parsed = await asyncio.to_thread(_parse, data, filename, mime)
        slug, kind = slug or parsed.slug, kind or parsed.kind
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound(f"There is no community {community!r}.")
            await uow.cases.lock(f"rules:{community}")
            previous = await uow.documents.live(community, slug)
            old = await uow.documents.clauses_of(previous.id) if previous else ()
            digest = hashlib.sha256(data).hexdigest()
            if previous and previous.content_hash == digest:
                return previous, diff(old, old)
            history = await uow.documents.list(community, history=True)
            version = 1 + max((d.version for d in history if d.slug == slug), default=0)
            document = self._document(parsed, community, slug, kind, version, filename, digest, by)
            clauses = clauses_of(
                parsed, document_id=document.id, slug=slug, version=version, kind=kind
            )
            if not clauses:
                raise InvalidInput("The document holds no text.")
            document = document.model_copy(update={"clause_count": len(clauses)})
            await uow.documents.add_version(document, clauses)
            await self._embed_missing(uow, community)
            await uow.commit()
        return document, diff(old, clauses)

    async def retire(self, community: str, slug: str) -> None:
        """Take a document out of use; its versions stay readable.

        Raises:
            NotFound: no live document has this slug.
        """
        async with self._uow() as uow:
            if not await uow.documents.retire(community, slug):
                raise NotFound(f"There is no live document {slug!r}.")
            await uow.commit()

    async def get(self, community: str, slug: str) -> tuple[Document, tuple[Clause, ...]]:
        """The live version and its clauses.

        Raises:
            NotFound: no live document has this slug.
        """
        async with self._uow() as uow:
            document = await uow.documents.live(community, slug)
            if document is None:
                raise NotFound(f"There is no live document {slug!r}.")
            return document, await uow.documents.clauses_of(document.id)

    async def history(self, community: str) -> tuple[Document, ...]:
        """Every version of every document."""
        async with self._uow() as uow:
            return await uow.documents.list(community, history=True)

    async def titles(self, community: str) -> Mapping[str, str]:
        """Document id to title, of live documents."""
        async with self._uow() as uow:
            return {d.id: d.title for d in await uow.documents.list(community)}

    async def search(
        self, community: str, text: str, *, vector: FloatVector | None = None
    ) -> Retrieval:
        """Search the live clauses of a community.

        Raises:
            TransientProviderError: the embedder is not available.
        """
        retriever = await self._retriever(community)
        if retriever is None:
            return Retrieval(query=text, passages=(), found=False, confidence=0.0)
        try:
            return await asyncio.to_thread(retriever.retrieve, text, query_vector=vector)
        except EmbedderUnavailable as error:
            raise TransientProviderError("The embedder is not available now.") from error

    async def _retriever(self, community: str) -> Retriever | None:
        async with self._uow() as uow:
            version = await uow.documents.corpus_version(community)
        known = self._retrievers.get(community)
        if known and known[0] == version:
            return known[1]
        async with self._building:
            known = self._retrievers.get(community)
            if known and known[0] == version:
                return known[1]
            corpus = await self._corpus(community, version)
            if not corpus.clauses:
                return None
            index = await asyncio.to_thread(self._index, corpus)
            retriever = await asyncio.to_thread(
                Retriever, corpus, self._embedder, index, self._config
            )
            self._retrievers[community] = (version, retriever)
            return retriever

    async def _corpus(self, community: str, version: str) -> Corpus:
        async with self._uow() as uow:
            await self._embed_missing(uow, community)
            clauses = await uow.documents.live_clauses(community)
            rows = await uow.vectors.load(community, "clause", ids=[c.id for c in clauses])
            await uow.commit()
        place = {clause_id: row for row, clause_id in enumerate(rows.ids)}
        order = [place[clause.id] for clause in clauses]
        return Corpus(community, version, tuple(clauses), rows.vectors[order])

    async def _embed_missing(self, uow: UnitOfWork, community: str) -> None:
        """Embed live clauses that have no vector or an older text's."""
        info = await asyncio.to_thread(lambda: self._embedder.info)
        clauses = await uow.documents.live_clauses(community)
        stored = await uow.vectors.hashes(community, "clause")
        for clause in clauses:
            if clause.id in stored and stored[clause.id][0] != info.fingerprint:
                raise ConfigurationError(
                    str(FingerprintMismatch(stored[clause.id][0], info.fingerprint))
                )
        todo = [c for c in clauses if stored.get(c.id, ("", ""))[1] != c.content_hash]
        if not todo:
            return
        try:
            vectors = await asyncio.to_thread(
                self._embedder.embed, [c.embedding_text for c in todo], role=Role.PASSAGE
            )
        except EmbedderUnavailable as error:
            raise TransientProviderError("The embedder is not available now.") from error
        await uow.vectors.put(
            community,
            "clause",
            [c.id for c in todo],
            vectors,
            fingerprint=info.fingerprint,
            hashes=[c.content_hash for c in todo],
        )

    def _index(self, corpus: Corpus) -> VectorIndex | None:
        """The reconciled vector cache, or None when it is away: search then reads the database's
        own vectors."""
        try:
            index = self._vectors.collection(f"clause:{corpus.community}", self._embedder.info)
            reconcile(corpus, index)
        except (IndexUnavailable, FingerprintMismatch) as error:
            log.warning("clause_index_unavailable", reason=type(error).__name__)
            return None
        return index

    def _document(
        self,
        parsed: ParsedDocument,
        community: str,
        slug: str,
        kind: DocumentKind,
        version: int,
        filename: str,
        digest: str,
        by: str,
    ) -> Document:
        return Document(
            id=self._ids.new("doc"),
            community=community,
            slug=slug,
            version=version,
            title=parsed.title,
            kind=kind,
            lang=parsed.lang,
            status=DocumentStatus.LIVE,
            filename=filename,
            content_hash=digest,
            clause_count=0,
            created_at=self._clock.now(),
            created_by=by,
        )


def _parse(data: bytes, filename: str, mime: str | None) -> ParsedDocument:
    try:
        return parse(data, filename, mime)
    except DocumentUnreadable as error:
        raise InvalidInput(str(error)) from error
