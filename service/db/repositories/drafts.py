"""Contexts, drafts and revisions; append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, to_model, values_of
from service.domain.draft import Draft, DraftContext, Revision

_D, _S = tables.drafts.c, tables.case_states.c


class SqlDrafts:
    """See `service.ports.store.Drafts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, context: DraftContext, draft: Draft, revision: Revision) -> None:
        row = values_of(tables.draft_contexts, context, payload=context)
        await add_rows(self._connection, tables.draft_contexts, [row])
        await add_rows(self._connection, tables.drafts, [values_of(tables.drafts, draft)])
        await self.add_revision(draft.id, revision)
        if context.case_id is not None:
            await self._connection.execute(
                update(tables.case_states)
                .where(_S.case_id == context.case_id, _S.drafted_size < context.case_size)
                .values(drafted_size=context.case_size)
            )

    async def add_revision(self, draft_id: str, revision: Revision) -> None:
        row = values_of(tables.revisions, revision, draft_id=draft_id)
        await add_rows(self._connection, tables.revisions, [row])

    async def get(self, draft_id: str) -> Draft | None:
        return await fetch_one(self._connection, Draft, tables.drafts, _D.id == draft_id)

    async def context(self, context_id: str) -> DraftContext | None:
        c = tables.draft_contexts.c
        payload = await self._connection.scalar(select(c.payload).where(c.id == context_id))
        return None if payload is None else DraftContext.model_validate(payload)

    async def revisions(self, draft_id: str) -> tuple[Revision, ...]:
        r = tables.revisions.c
        query = select(tables.revisions).where(r.draft_id == draft_id).order_by(r.number)
        return await fetch_all(self._connection, Revision, query)

    async def latest_for_case(self, case_id: str) -> tuple[Draft, DraftContext] | None:
        c = tables.draft_contexts.c
        query = (
            select(tables.drafts, c.payload.label("context_payload"))
            .join(tables.draft_contexts, _D.context_id == c.id)
            .where(_D.case_id == case_id)
            .order_by(_D.created_at.desc(), _D.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(query)).mappings().first()
        if row is None:
            return None
        return to_model(Draft, row), DraftContext.model_validate(row["context_payload"])

    async def for_post(self, request_id: str) -> tuple[Draft, ...]:
        query = select(tables.drafts).where(_D.post_request_id == request_id)
        return await fetch_all(self._connection, Draft, query.order_by(_D.created_at, _D.id))

    async def cases_due(self, limit: int, *, since: datetime) -> tuple[tuple[str, int], ...]:
        query = (
            select(_S.case_id, _S.triaged_size)
            .where(_S.reply_due, _S.drafted_size < _S.triaged_size, _S.last_at >= since)
            .order_by(_S.severity.desc(), _S.last_at)
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        return tuple((row[0], row[1]) for row in rows)
