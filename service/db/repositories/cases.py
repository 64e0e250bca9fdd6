"""Cases and their texts; keeps the list row of each case in step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select, true
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.repositories.pairs import pairs_table
from service.db.rows import (
    Values,
    among,
    bulk_insert,
    bulk_values,
    fetch_all,
    replacing,
    to_model,
    values_of,
)
from service.db.types import storable
from service.domain.case import Case, CaseText
from service.domain.change import ChangeKind
from service.domain.message import Message
from service.ports.store import CaseKey

_LOCK_SPACE = 0x6361
"""First key of the advisory locks on communities ("ca")."""


class SqlCases:
    """See `service.ports.store.Cases`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self, community: str) -> None:
        number = func.hashtext(cast(storable(community), String))
        await self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, number)))

    async def latest(self, community: str, keys: Collection[CaseKey]) -> Mapping[CaseKey, Case]:
        if not keys:
            return {}
        wanted = pairs_table(keys, "author", "source", "channel", "thread")
        c = tables.cases.c
        newest = (
            select(tables.cases)
            .where(
                c.community == community,
                c.author == wanted.c.author,
                c.source == wanted.c.source,
                c.channel == wanted.c.channel,
                c.thread.is_not_distinct_from(wanted.c.thread),
            )
            .order_by(c.last_at.desc(), c.id.desc())
            .limit(1)
            .lateral("newest")
        )
        query = select(newest).select_from(wanted.join(newest, true()))
        found = await fetch_all(self._connection, Case, query)
        return {CaseKey(x.author, x.source, x.channel, x.thread): x for x in found}

    async def save(self, cases: Iterable[Case]) -> None:
        # By id, as triage does it: two transactions over the same rows must not cross.
        given = sorted({case.id: case for case in cases}.values(), key=lambda case: case.id)
        if not given:
            return
        rows = [values_of(tables.cases, case) for case in given]
        save = replacing(bulk_insert(tables.cases, rows[0]), tables.cases)
        await self._connection.execute(save, bulk_values(rows))
        await self._connection.execute(_STATE_UPSERT, bulk_values([_state(c) for c in given]))

    async def texts(self, case_ids: Collection[str]) -> Mapping[str, CaseText]:
        c, m = tables.cases.c, tables.messages.c
        rows = await fetch_all(
            self._connection, Case, select(tables.cases).where(among(c.id, case_ids))
        )
        query = (
            select(*_MESSAGE).where(among(m.case_id, case_ids)).order_by(m.case_id, m.sent_at, m.id)
        )
        of_case: dict[str, list[Message]] = {case.id: [] for case in rows}
        for row in (await self._connection.execute(query)).mappings():
            of_case[row["case_id"]].append(to_model(Message, row))
        return {case.id: CaseText(case=case, messages=tuple(of_case[case.id])) for case in rows}


def _as_it_reads_now() -> Iterable[ColumnElement[Any]]:
    """Columns of a message, its text as last edited."""
    m, h = tables.messages.c, tables.message_changes.c
    edited = (
        select(h.text)
        .where(h.message_id == m.id, h.kind == ChangeKind.EDITED.value)
        .order_by(h.at.desc(), h.received_at.desc(), h.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (*(one for one in m if one.name != "text"), func.coalesce(edited, m.text).label("text"))


_MESSAGE = _as_it_reads_now()

_STATE = ("case_id", "community", "author", "last_at", "size")


def _state(case: Case) -> Values:
    return values_of(tables.case_states, case, case_id=case.id)


def _state_upsert() -> Insert:
    statement = bulk_insert(tables.case_states, _STATE)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["case_id"], set_={"last_at": new.last_at, "size": new.size}
    )


_STATE_UPSERT = _state_upsert()
