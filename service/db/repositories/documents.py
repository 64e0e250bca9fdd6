"""Documents under version and their clauses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from retrieval.types import Clause, DocumentKind
from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, values_of
from service.domain.document import Document, DocumentStatus

_D, _C = tables.documents.c, tables.clauses.c


class SqlDocuments:
    """See `service.ports.store.Documents`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_version(self, document: Document, clauses: Sequence[Clause]) -> None:
        await self.discard(document.community, document.slug)
        if document.status is DocumentStatus.LIVE:
            await self._close(document.community, document.slug, DocumentStatus.SUPERSEDED)
        await add_rows(self._connection, tables.documents, [values_of(tables.documents, document)])
        rows = [values_of(tables.clauses, c) for c in clauses]
        await add_rows(self._connection, tables.clauses, rows)

    async def live(self, community: str, slug: str) -> Document | None:
        where = and_(_live(community), _D.slug == slug)
        return await fetch_one(self._connection, Document, tables.documents, where)

    async def staged(self, community: str, slug: str) -> Document | None:
        where = and_(_staged(community), _D.slug == slug)
        return await fetch_one(self._connection, Document, tables.documents, where)

    async def publish(self, document: Document) -> None:
        await self._close(document.community, document.slug, DocumentStatus.SUPERSEDED)
        mine = and_(_staged(document.community), _D.id == document.id)
        change = update(tables.documents).where(mine).values(status=DocumentStatus.LIVE)
        await self._connection.execute(change)

    async def discard(self, community: str, slug: str) -> bool:
        mine = and_(_staged(community), _D.slug == slug)
        change = update(tables.documents).where(mine).values(status=DocumentStatus.DISCARDED)
        return (await self._connection.execute(change)).rowcount > 0

    async def clauses_of(self, document_id: str) -> tuple[Clause, ...]:
        query = select(tables.clauses).where(_C.document_id == document_id)
        return await self._clauses(query.order_by(_C.position))

    async def retire(self, community: str, slug: str) -> bool:
        return await self._close(community, slug, DocumentStatus.RETIRED)

    async def live_clauses(self, community: str) -> tuple[Clause, ...]:
        joined = tables.clauses.join(tables.documents, _C.document_id == _D.id)
        query = select(tables.clauses).select_from(joined).where(_live(community))
        return await self._clauses(query.order_by(_D.slug, _C.position))

    async def corpus_version(self, community: str) -> str:
        query = select(_D.id).where(_live(community)).order_by(_D.id)
        ids = (await self._connection.execute(query)).scalars()
        return hashlib.sha256("\n".join(ids).encode()).hexdigest()

    async def list(self, community: str, *, history: bool = False) -> tuple[Document, ...]:
        query = select(tables.documents).where(
            _D.community == community if history else _live(community)
        )
        return await fetch_all(
            self._connection, Document, query.order_by(_D.slug, _D.version.desc())
        )

    async def _close(self, community: str, slug: str, status: DocumentStatus) -> bool:
        done = await self._connection.execute(
            update(tables.documents).where(_live(community), _D.slug == slug).values(status=status)
        )
        return done.rowcount > 0

    async def _clauses(self, query: Select[Any]) -> tuple[Clause, ...]:
        rows = (await self._connection.execute(query)).mappings()
        return tuple(to_clause(row) for row in rows)


def to_clause(row: RowMapping | Mapping[str, Any]) -> Clause:
    """A stored clause."""
    return Clause(
        id=row["id"],
        document_id=row["document_id"],
        version=row["version"],
        kind=DocumentKind(row["kind"]),
        number=row["number"],
        headings=tuple(row["headings"]),
        text=row["text"],
        lang=row["lang"],
        content_hash=row["content_hash"],
        position=row["position"],
    )


def _live(community: str) -> Any:
    return and_(_D.community == community, _D.status == DocumentStatus.LIVE)


def _staged(community: str) -> Any:
    return and_(_D.community == community, _D.status == DocumentStatus.STAGED)
