"""Changes of messages, and what they and the rules' new versions mean for a draft."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import among, values_of
from service.domain.case import CaseText
from service.domain.change import ChangeKind, MessageChange
from service.domain.document import DocumentStatus
from service.domain.draft import ContextPassage

_H, _M = tables.message_changes.c, tables.messages.c
_C, _D = tables.clauses.c, tables.documents.c


class SqlChanges:
    """See `service.ports.changes.Changes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, changes: Sequence[MessageChange]) -> frozenset[str]:
        if not changes:
            return frozenset()
        rows = [values_of(tables.message_changes, change) for change in changes]
        added = insert(tables.message_changes).values(rows).on_conflict_do_nothing()
        return frozenset((await self._connection.execute(added.returning(_H.id))).scalars())

    async def withdrawn(self, case_id: str) -> bool:
        of_case = select(_M.id).where(_M.case_id == case_id)
        return await self._any(_H.message_id.in_(of_case) & (_H.kind == ChangeKind.WITHDRAWN.value))

    async def left(self, case: CaseText) -> bool:
        it = case.case
        wrote = exists().where(
            _M.community == it.community,
            _M.source == it.source,
            _M.author == it.author,
            _M.sent_at > _H.at,
        )
        gone = and_(
            _H.community == it.community,
            _H.source == it.source,
            _H.author == it.author,
            _H.kind == ChangeKind.LEFT.value,
            _H.at >= it.last_at,
        )
        return await self._any(gone & ~wrote)

    async def answered(self, case: CaseText, staff: Collection[str]) -> bool:
        if not staff or not case.messages:
            return False
        it = case.case
        place: ColumnElement[bool] = among(_M.reply_to, [m.external_id for m in case.messages])
        if it.thread is not None:
            place = or_(place, and_(_M.thread == it.thread, _M.channel == it.channel))
        query = select(
            exists().where(
                _M.community == it.community,
                _M.source == it.source,
                place,
                among(_M.author, staff),
                _M.author != it.author,
                _M.sent_at > case.messages[0].sent_at,
            )
        )
        return bool(await self._connection.scalar(query))

    async def outdated(self, community: str, cited: Collection[ContextPassage]) -> bool:
        if not cited:
            return False
        query = (
            select(_C.id, _C.text)
            .join(tables.documents, _D.id == _C.document_id)
            .where(
                _D.community == community,
                _D.status == DocumentStatus.LIVE,
                among(_C.id, [one.clause_id for one in cited]),
            )
        )
        now = {row.id: row.text for row in await self._connection.execute(query)}
        return any(now.get(one.clause_id) != one.text for one in cited)

    async def _any(self, where: ColumnElement[bool]) -> bool:
        found = select(func.count()).select_from(tables.message_changes).where(where)
        return bool(await self._connection.scalar(found))
