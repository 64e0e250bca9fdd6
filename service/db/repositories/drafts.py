"""Contexts, drafts and revisions; append-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, among, fetch_all, fetch_one, to_model, values_of
from service.domain.base import Lang
from service.domain.draft import ApprovedAnswer, Composition, Draft, DraftContext, Revision
from service.domain.review import SENDING

_D, _S, _V = tables.drafts.c, tables.case_states.c, tables.decisions.c
_LATEST = (_V.decided_at.desc(), _V.id.desc())


class SqlDrafts:
    """See `service.ports.desk.Drafts`."""

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
        same = _D.case_id.in_(await self._same(case_id))
        query = _approved(lang).where(same, _D.case_id != case_id)
        query = query.order_by(*_LATEST).limit(1)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _answer(*row[1:])

    async def approved_among(
        self, case_ids: Sequence[str], lang: Lang, *, unlike: str
    ) -> tuple[ApprovedAnswer, ...]:
        query = (
            _approved(lang)
            .ext(distinct_on(_D.case_id))
            .where(among(_D.case_id, case_ids), _D.case_id.not_in(await self._same(unlike)))
            .order_by(_D.case_id, *_LATEST)
        )
        rows = (await self._connection.execute(query)).all()
        found = {row[0]: _answer(*row[1:]) for row in rows}
        return tuple(found[one] for one in case_ids if one in found)

    async def _same(self, case_id: str) -> Select[Any]:
        """Ids of the case and of those that say the same."""
        own = select(func.coalesce(_S.duplicate_root, _S.case_id)).where(_S.case_id == case_id)
        root = await self._connection.scalar(own)
        return select(_S.case_id).where(or_(_S.case_id == root, _S.duplicate_root == root))

    async def cases_due(self, limit: int, *, since: datetime) -> tuple[tuple[str, int], ...]:
        query = (
            select(_S.case_id, _S.triaged_size)
            .where(_S.reply_due, _S.drafted_size < _S.triaged_size, _S.last_at >= since)
            .order_by(_S.severity.desc(), _S.last_at)
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        return tuple((row[0], row[1]) for row in rows)


def _approved(lang: Lang) -> Select[Any]:
    """Case and parts of an answer, of replies whose approval stands."""
    c, r = tables.draft_contexts.c, tables.revisions.c
    return (
        select(_D.case_id, _V.task_id, r.text, _D.composition, c.payload)
        .select_from(tables.decisions)
        .join(tables.drafts, _D.id == _V.draft_id)
        .join(tables.draft_contexts, c.id == _D.context_id)
        .join(tables.revisions, and_(r.draft_id == _D.id, r.number == _V.revision_number))
        .where(_D.lang == lang.value, _V.verdict.in_(SENDING), _V.undone_at.is_(None))
    )


def _answer(task_id: str, text: str, composed: object, payload: object) -> ApprovedAnswer:
    composition = Composition.model_validate(composed)
    return answer_of(task_id, text, composition, DraftContext.model_validate(payload))


def answer_of(
    task_id: str, text: str, composition: Composition, context: DraftContext
) -> ApprovedAnswer:
    """An approved text with the clauses it cites."""
    cited = {one.clause_id for one in composition.citations}
    return ApprovedAnswer(
        task_id=task_id,
        question=context.member_text.text,
        text=text,
        citations=composition.citations,
        passages=tuple(one for one in context.passages if one.clause_id in cited),
        model=composition.model,
    )
