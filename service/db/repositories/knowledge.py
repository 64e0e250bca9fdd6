"""Suggested entries of the FAQ, and the approved answers they come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.repositories.drafts import answer_of
from service.db.rows import among, fetch_all, fetch_one, upsert, values_of
from service.db.types import storable
from service.domain.base import Lang
from service.domain.change import ChangeKind
from service.domain.draft import Composition, DraftContext
from service.domain.knowledge import Answered, Suggestion, SuggestionStatus
from service.domain.review import SENDING
from service.ports.knowledge import Matter

_D, _S, _V = tables.drafts.c, tables.case_states.c, tables.decisions.c
_C, _R, _N = tables.draft_contexts.c, tables.revisions.c, tables.suggestions.c
_LATEST = (_V.decided_at.desc(), _V.id.desc())
_LOCK_SPACE = 0x6B6E
"""First key of the advisory locks on a community's suggestions ("kn")."""


class SqlKnowledge:
    """See `service.ports.knowledge.Knowledge`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, community: str) -> None:
        number = func.hashtext(cast(storable(community), String))
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, number)))

    async def matter(self, case_id: str) -> Matter | None:
        newest = _standing(select(_D.lang, _S.community, _S.duplicate_root))
        newest = newest.where(_D.case_id == case_id).order_by(*_LATEST).limit(1)
        row = (await self._connection.execute(newest)).first()
        if row is None:
            return None
        root = row.duplicate_root or case_id
        same = or_(_S.case_id == root, _S.duplicate_root == root)
        found = await self._connection.execute(select(_S.case_id).where(same).order_by(_S.case_id))
        return Matter(row.community, Lang(row.lang), tuple(found.scalars()))

    async def answers(self, case_ids: Collection[str], lang: Lang) -> tuple[Answered, ...]:
        query = (
            _standing(_PARTS)
            .ext(distinct_on(_D.case_id))
            .where(among(_D.case_id, case_ids), _D.lang == lang.value)
            .order_by(_D.case_id, *_LATEST)
        )
        rows = (await self._connection.execute(query)).mappings().all()
        found = sorted(map(_answered, rows), key=lambda one: (one.decided_at, one.case_id))
        return tuple(reversed(found))

    async def standing(self, decision_ids: Collection[str]) -> frozenset[str]:
        query = _standing(select(_V.id)).where(among(_V.id, decision_ids))
        return frozenset((await self._connection.execute(query)).scalars())

    async def touching(
        self, community: str, case_ids: Collection[str], question_hash: str
    ) -> tuple[Suggestion, ...]:
        shared = or_(_N.case_ids.overlap(list(case_ids)), _N.question_hash == question_hash)
        query = select(tables.suggestions).where(_N.community == community, shared)
        return await self._all(query.order_by(_N.created_at, _N.id))

    async def get(self, suggestion_id: str, *, lock: bool = False) -> Suggestion | None:
        where = _N.id == storable(suggestion_id)
        return await fetch_one(self._connection, Suggestion, tables.suggestions, where, lock=lock)

    async def save(self, suggestion: Suggestion) -> None:
        row = values_of(tables.suggestions, suggestion)
        await self._connection.execute(upsert(tables.suggestions).values(row))

    async def entries(self, community: str, lang: Lang) -> tuple[Suggestion, ...]:
        accepted = _N.status == SuggestionStatus.ACCEPTED.value
        query = select(tables.suggestions).where(_of(community, lang), accepted)
        return await self._all(query.order_by(_N.number))

    async def last_number(self, community: str, lang: Lang) -> int:
        query = select(func.max(_N.number)).where(_of(community, lang))
        return await self._connection.scalar(query) or 0

    async def _all(self, query: Select[Any]) -> tuple[Suggestion, ...]:
        return await fetch_all(self._connection, Suggestion, query)


_PARTS = select(
    _V.id.label("decision_id"),
    _V.task_id,
    _V.decided_at,
    _D.id.label("draft_id"),
    _D.case_id,
    _D.composition,
    _S.author,
    _R.text,
    _C.payload,
)


def _standing(parts: Select[Any]) -> Select[Any]:
    """Approvals of replies that stand, of cases whose author took no message back."""
    changes, messages = tables.message_changes.c, tables.messages.c
    withdrawn = exists().where(
        changes.message_id == messages.id,
        messages.case_id == _D.case_id,
        changes.kind == ChangeKind.WITHDRAWN.value,
    )
    return (
        parts.select_from(tables.decisions)
        .join(tables.drafts, _D.id == _V.draft_id)
        .join(tables.case_states, _S.case_id == _D.case_id)
        .join(tables.draft_contexts, _C.id == _D.context_id)
        .join(tables.revisions, and_(_R.draft_id == _D.id, _R.number == _V.revision_number))
        .where(_V.verdict.in_(SENDING), _V.undone_at.is_(None), ~withdrawn)
    )


def _of(community: str, lang: Lang) -> ColumnElement[bool]:
    return and_(_N.community == community, _N.lang == lang.value)


def _answered(row: Mapping[Any, Any]) -> Answered:
    composition = Composition.model_validate(row["composition"])
    context = DraftContext.model_validate(row["payload"])
    answer = answer_of(row["task_id"], row["text"], composition, context)
    return Answered(
        case_id=row["case_id"],
        author=row["author"],
        task_id=answer.task_id,
        decision_id=row["decision_id"],
        draft_id=row["draft_id"],
        question=context.member_text,
        text=answer.text,
        composed=composition.text,
        category=context.category,
        hold=context.parameters.get("hold", ""),
        injected=context.parameters.get("injected") == "yes",
        rule_found=context.rule_found,
        refusal=composition.refusal,
        citations=answer.citations,
        passages=answer.passages,
        decided_at=row["decided_at"],
    )
