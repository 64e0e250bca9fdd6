"""Rule documents: uploaded, versioned, retired."""

from __future__ import annotations

import asyncio
import hashlib
from typing import NamedTuple

from retrieval.chunking import clauses_of
from retrieval.corpus import Difference, diff, meta_of, safe_slug
from retrieval.documents import ParsedDocument, parse
from retrieval.errors import DocumentUnreadable
from retrieval.types import Clause, DocumentKind
from service.domain.document import Document, DocumentStatus
from service.domain.evaluation import Crossing, Subject, SubjectKind
from service.errors import InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.evaluations import Gate
from service.ports.store import UnitOfWork, UowFactory


class Upload(NamedTuple):
    """A file handed in. `slug` and `kind` override what the document says of itself."""

    filename: str
    data: bytes
    mime: str | None = None
    slug: str | None = None
    kind: DocumentKind | None = None


class RulesFlow:
    """Keeps documents under version; search reads what is live."""

    def __init__(self, *, uow: UowFactory, gate: Gate, clock: Clock, ids: Ids) -> None:
        self._uow, self._gate, self._clock, self._ids = uow, gate, clock, ids

    async def upload(
        self, community: str, given: Upload, *, by: str
    ) -> tuple[Document, Difference]:
        """Store a new version and say what changed; the same content again changes nothing.

        Raises:
            InvalidInput: the document cannot be read; the message says why.
            NotFound: the community does not exist.
        """
        document, parsed = await asyncio.to_thread(self._read, community, given, by)
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound(f"There is no community {community!r}.")
            await uow.cases.lock(f"rules:{community}")
            previous = await uow.documents.live(community, document.slug)
            old = await uow.documents.clauses_of(previous.id) if previous else ()
            if previous and previous.content_hash == document.content_hash:
                return previous, diff(old, old)
            version = await _next_version(uow, community, document.slug)
            clauses = clauses_of(
                parsed,
                slug=document.slug,
                document_id=document.id,
                version=version,
                kind=document.kind,
            )
            stored = document.model_copy(update={"version": version, "clause_count": len(clauses)})
            await self._gate.cross(uow, _crossing(stored, previous))
            await uow.documents.add_version(stored, clauses)
            await uow.commit()
        return stored, diff(old, clauses)

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

    def _read(self, community: str, given: Upload, by: str) -> tuple[Document, ParsedDocument]:
        try:
            parsed = parse(given.data, given.filename, given.mime)
            meta = meta_of(parsed, given.filename)
        except DocumentUnreadable as error:
            raise InvalidInput(str(error)) from error
        document = Document(
            id=self._ids.new("doc"),
            community=community,
            slug=safe_slug(given.slug) if given.slug else meta.slug,
            version=1,
            title=meta.title,
            kind=given.kind or meta.kind,
            lang=meta.lang,
            status=DocumentStatus.LIVE,
            filename=given.filename[-200:],
            content_hash=hashlib.sha256(given.data).hexdigest(),
            clause_count=0,
            created_at=self._clock.now(),
            created_by=by,
        )
        return document, parsed


def _crossing(document: Document, previous: Document | None) -> Crossing:
    """The gate only advises for rules: an upload is noted as not compared and used at once."""
    subject = Subject(kind=SubjectKind.RULES, name=document.slug, community=document.community)
    return Crossing(
        subject=subject,
        version=str(document.version),
        candidate_hash=document.content_hash,
        baseline_hash=previous.content_hash if previous else "",
        by=document.created_by,
    )


async def _next_version(uow: UnitOfWork, community: str, slug: str) -> int:
    history = await uow.documents.list(community, history=True)
    return 1 + max((document.version for document in history if document.slug == slug), default=0)
