"""The review queue, in the order of the precomputed priority."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    distinct,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries import cursor as cursors
from service.db.repositories.triages import EXCERPT
from service.db.tables.desk import UNDECIDED
from service.domain.views import Page, QueueRow

_T, _S, _C = tables.review_tasks.c, tables.case_states.c, tables.cases.c
_D, _X, _P = tables.drafts.c, tables.draft_contexts.c, tables.post_requests.c

_NOBODY: ColumnElement[object] = literal_column("'{}'::text[]")

_BLOCKING: ColumnElement[object] = literal_column(
    """'$[*] ? (@.severity == "blocking")'::jsonpath"""
)


async def list_queue(
    connection: AsyncConnection,
    community: str,
    kind: str | None,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[QueueRow]:
    """One page of tasks; see `service.ports.queries.Queries.queue`."""
    limit = cursors.bounded(limit)
    tasks = _tasks(community, kind, status, cursors.score_key(cursor)).limit(limit + 1)
    rows = (await connection.execute(_with_details(tasks))).mappings().all()
    reach = await reach_of(connection, {row["root"] for row in rows if row["root"]})
    return cursors.page(
        rows,
        limit,
        lambda row: _row(row, reach),
        lambda row: cursors.encode(row["priority"], row["task_id"]),
    )


async def reach_of(connection: AsyncConnection, roots: Collection[str]) -> Mapping[str, int]:
    """Distinct authors of each group of duplicates, by the group's first case."""
    first = select(_S.case_id.label("root"), _S.author).where(_S.case_id.in_(roots))
    others = select(_S.duplicate_root, _S.author).where(_S.duplicate_root.in_(roots))
    both = union_all(first, others).subquery()
    query = select(both.c.root, func.count(distinct(both.c.author))).group_by(both.c.root)
    return {row[0]: row[1] for row in await connection.execute(query)}


def _tasks(
    community: str, kind: str | None, status: str | None, after: cursors.ScoreKey | None
) -> Select[tuple[object, ...]]:
    query = select(tables.review_tasks).where(_T.community == community)
    query = query.where(UNDECIDED if status is None else _T.status == status)
    if kind is not None:
        query = query.where(_T.kind == kind)
    if after is not None:
        tied = and_(_T.priority == after.score, _T.id > after.id)
        query = query.where(_T.priority <= after.score, or_(_T.priority < after.score, tied))
    return query.order_by(_T.priority.desc(), _T.id)


def _with_details(tasks: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    t = tasks.cte("page")
    blocking = func.jsonb_array_length(func.jsonb_path_query_array(_D.findings, _BLOCKING))
    said = func.coalesce(_S.excerpt, _X.payload[("member_text", "text")].as_string(), "")
    return (
        select(
            t.c.id.label("task_id"), t.c.draft_id, t.c.kind, t.c.case_id, t.c.status,
            t.c.claimed_by, t.c.priority,
            func.coalesce(_S.severity, 0).label("severity"),
            func.coalesce(_S.category, _X.payload["category"].as_string()).label("category"),
            _S.guess,
            func.left(said, EXCERPT).label("excerpt"),
            func.coalesce(_C.channel, _P.brief["channel"].as_string(), "").label("channel"),
            func.coalesce(_S.last_at, t.c.created_at).label("waiting_since"),
            _S.due_at,
            _D.composition["origin"].as_string().label("origin"),
            _D.composition["refusal"].as_string().label("refusal"),
            blocking.label("blocking"),
            func.coalesce(_S.by_person, _NOBODY).label("by_person"),
            func.coalesce(_S.duplicate_root, _S.case_id).label("root"),
        )
        .join(tables.drafts, _D.id == t.c.draft_id)
        .join(tables.draft_contexts, _X.id == _D.context_id)
        .outerjoin(tables.case_states, _S.case_id == t.c.case_id)
        .outerjoin(tables.cases, _C.id == t.c.case_id)
        .outerjoin(tables.post_requests, _P.id == _D.post_request_id)
        .order_by(t.c.priority.desc(), t.c.id)
    )  # fmt: skip


def _row(row: RowMapping, reach: Mapping[str, int]) -> QueueRow:
    given = {name: row[name] for name in QueueRow.model_fields if name != "reach"}
    return QueueRow(**given, reach=reach.get(row["root"], 0))
