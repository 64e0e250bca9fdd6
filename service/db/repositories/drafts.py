"""Contexts, drafts and revisions; append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, to_model, values_of
from service.domain.base import Lang
from service.domain.draft import ApprovedAnswer, Composition, Draft, DraftContext, Revision
from service.domain.review import SENDING

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

    async def approved_like(self, case_id: str, lang: Lang) -> ApprovedAnswer | None:
        own = select(func.coalesce(_S.duplicate_root, _S.case_id)).where(_S.case_id == case_id)
        root = await self._connection.scalar(own)
        same = select(_S.case_id).where(or_(_S.case_id == root, _S.duplicate_root == root))
        c, d, r = tables.draft_contexts.c, tables.decisions.c, tables.revisions.c
        query = (
            select(d.task_id, r.text, _D.composition, c.payload)
            .join(tables.drafts, _D.id == d.draft_id)
            .join(tables.draft_contexts, c.id == _D.context_id)
            .join(tables.revisions, and_(r.draft_id == _D.id, r.number == d.revision_number))
            .where(
                _D.case_id.in_(same),
                _D.case_id != case_id,
                _D.lang == lang.value,
                d.verdict.in_(SENDING),
                d.undone_at.is_(None),
            )
            .order_by(d.decided_at.desc(), d.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else _answer(*row)

    async def cases_due(self, limit: int, *, since: datetime) -> tuple[tuple[str, int], ...]:
        query = (
            select(_S.case_id, _S.triaged_size)
            .where(_S.reply_due, _S.drafted_size < _S.triaged_size, _S.last_at >= since)
            .order_by(_S.severity.desc(), _S.last_at)
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        return tuple((row[0], row[1]) for row in rows)


def _answer(task_id: str, text: str, composed: object, payload: object) -> ApprovedAnswer:
    composition = Composition.model_validate(composed)
    context = DraftContext.model_validate(payload)
    cited = {one.clause_id for one in composition.citations}
    return ApprovedAnswer(
        task_id=task_id,
        question=context.member_text.text,
        text=text,
        citations=composition.citations,
        passages=tuple(one for one in context.passages if one.clause_id in cited),
        model=composition.model,
    )
