"""Everything the review page shows of one task."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import repositories as r
from service.db import tables
from service.domain.draft import Draft
from service.domain.views import TaskView

_T, _D = tables.review_tasks.c, tables.drafts.c


async def task_view(connection: AsyncConnection, task_id: str) -> TaskView | None:
    """The task with its draft, context, revisions, decision, case, triage, post and delivery."""
    reviews, drafts = r.SqlReviews(connection), r.SqlDrafts(connection)
    task = await reviews.get(task_id)
    draft = await drafts.get(task.draft_id) if task else None
    context = await drafts.context(draft.context_id) if draft else None
    if task is None or draft is None or context is None:
        return None
    decision = await reviews.decision_of(task_id)
    outbox, posts = r.SqlOutbox(connection), r.SqlPosts(connection)
    return TaskView(
        task=task,
        draft=draft,
        context=context,
        revisions=await drafts.revisions(draft.id),
        decision=decision,
        history=await reviews.history(draft.id),
        entry=await outbox.for_decision(decision.id) if decision else None,
        post=await posts.get(draft.post_request_id) if draft.post_request_id else None,
        **await _of_case(connection, draft),
    )


async def _of_case(connection: AsyncConnection, draft: Draft) -> dict[str, object]:
    if draft.case_id is None:
        return {"case": None, "triage": None}
    texts = await r.SqlCases(connection).texts([draft.case_id])
    triages = await r.SqlTriages(connection).latest([draft.case_id])
    return {"case": texts.get(draft.case_id), "triage": triages.get(draft.case_id)}


async def newest_task_of_case(connection: AsyncConnection, case_id: str) -> str | None:
    """Id of the newest task of a case."""
    query = select(_T.id).where(_T.case_id == case_id)
    found: str | None = await connection.scalar(
        query.order_by(_T.created_at.desc(), _T.id.desc()).limit(1)
    )
    return found


async def tasks_of_post(connection: AsyncConnection, request_id: str) -> dict[str, str]:
    """Draft id to its newest task, of every draft of a post request."""
    query = select(_T.draft_id, _T.id).join(tables.drafts, _D.id == _T.draft_id)
    query = query.where(_D.post_request_id == request_id).order_by(_T.created_at, _T.id)
    return {row[0]: row[1] for row in await connection.execute(query)}
