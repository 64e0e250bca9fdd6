"""Versions of a prompt, its history, and what people decided about its texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.queries.newest import newest
from service.db.rows import to_model
from service.db.types import storable
from service.domain.draft import Origin
from service.domain.prompt import LabelMove, PromptFigures, PromptSplit, PromptVersion
from service.domain.review import Verdict
from service.domain.views import Page

_V, _M, _S = tables.prompt_versions.c, tables.prompt_moves.c, tables.prompt_splits.c
_C, _D, _R = tables.draft_contexts.c, tables.drafts.c, tables.decisions.c


async def list_versions(
    connection: AsyncConnection, template: str, cursor: str | None, limit: int
) -> Page[PromptVersion]:
    """Newest first."""
    query = select(tables.prompt_versions).where(_V.template == storable(template))
    return await newest(connection, PromptVersion, tables.prompt_versions, query, cursor, limit)


async def list_moves(
    connection: AsyncConnection, template: str, community: str, cursor: str | None, limit: int
) -> Page[LabelMove]:
    """The community's own and everybody's, newest first."""
    query = select(tables.prompt_moves).where(
        _M.template == storable(template), _seen_by(_M.community, community)
    )
    return await newest(connection, LabelMove, tables.prompt_moves, query, cursor, limit, by="at")


async def list_splits(
    connection: AsyncConnection, template: str, community: str, cursor: str | None, limit: int
) -> Page[PromptSplit]:
    """The community's own and everybody's, newest first."""
    query = select(tables.prompt_splits).where(
        _S.template == storable(template), _seen_by(_S.community, community)
    )
    return await newest(
        connection, PromptSplit, tables.prompt_splits, query, cursor, limit, by="at"
    )


async def figures(
    connection: AsyncConnection, template: str, community: str, since: datetime
) -> tuple[PromptFigures, ...]:
    """Of texts a model wrote since then, by version; versions without one are left out.

    An approval of an edited revision counts as edited, an escalation as undecided.
    """
    joined = (
        tables.prompt_versions.join(tables.draft_contexts, _C.template_hash == _V.hash)
        .join(tables.drafts, _D.context_id == _C.id)
        .outerjoin(tables.decisions, _decides())
    )
    edited = or_(_R.verdict == Verdict.APPROVE_EDITED, _R.revision_number > 1)
    approved = _R.verdict.in_([Verdict.APPROVE, Verdict.APPROVE_EDITED])
    query = (
        select(
            _V.number.label("version"),
            func.count(_D.id.distinct()).label("drafts"),
            _count(and_(approved, ~edited)).label("accepted"),
            _count(and_(approved, edited)).label("edited"),
            _count(_R.verdict == Verdict.REJECT).label("rejected"),
        )
        .select_from(joined)
        .where(
            _V.template == storable(template),
            _C.community == community,
            _C.created_at >= since,
            _D.composition["origin"].as_string() == Origin.MODEL,
        )
        .group_by(_V.number)
        .order_by(_V.number.desc())
    )
    rows = (await connection.execute(query)).mappings()
    return tuple(to_model(PromptFigures, row) for row in rows)


def _decides() -> ColumnElement[bool]:
    """A decision in force that closes the matter."""
    return and_(_R.draft_id == _D.id, _R.undone_at.is_(None), _R.verdict != Verdict.ESCALATE)


def _count(where: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count(_D.id.distinct()).filter(where)


def _seen_by(column: ColumnElement[str], community: str) -> ColumnElement[bool]:
    return or_(column.is_(None), column == community)
