"""Append-only triages; the newest of a case is copied into its list row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Update, exists, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.grams import grams_of, searchable
from service.db.repositories.duplicates import Joins, SqlDuplicates
from service.db.repositories.pairs import pairs_table
from service.db.rows import (
    Values,
    add_new_rows,
    among,
    bulk_update,
    bulk_values,
    fetch_all,
    fetch_one,
    values_of,
)
from service.domain.case import Case
from service.domain.change import ChangeKind
from service.domain.triage import Triage

EXCERPT = 160
"""Characters of redacted text that lists show."""

_NEWEST = (
    tables.triages.c.case_size.desc(),
    tables.triages.c.created_at.desc(),
    tables.triages.c.id.desc(),
)


class SqlTriages:
    """See `service.ports.store.Triages`. Newest means: saw the most messages, then latest."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._duplicates = SqlDuplicates(connection)

    async def add(self, triages: Sequence[Triage]) -> None:
        rows = [values_of(tables.triages, one, engine=_engine(one)) for one in triages]
        added = await add_new_rows(self._connection, tables.triages, rows)
        fresh = sorted(
            (t for t in triages if t.id in added), key=lambda t: (t.case_id, t.case_size)
        )
        if fresh:
            joins = await self._duplicates.joins(fresh)
            newest = {triage.case_id: _state(triage, joins) for triage in fresh}
            await self._connection.execute(_STATE_UPDATE, bulk_values(list(newest.values())))
            if joins.unsettled:
                await self._duplicates.settle(joins.unsettled)

    async def get(self, triage_id: str) -> Triage | None:
        where = tables.triages.c.id == triage_id
        return await fetch_one(self._connection, Triage, tables.triages, where)

    async def latest(self, case_ids: Collection[str]) -> Mapping[str, Triage]:
        t = tables.triages
        query = (
            select(t)
            .ext(distinct_on(t.c.case_id))
            .where(among(t.c.case_id, case_ids))
            .order_by(t.c.case_id, *_NEWEST)
        )
        found = await fetch_all(self._connection, Triage, query)
        return {triage.case_id: triage for triage in found}

    async def redacted(self, case_ids: Collection[str]) -> Mapping[str, str]:
        if not case_ids:
            return {}
        t = tables.triages.c
        query = (
            select(t.case_id, t.judgement["redacted"]["text"].astext)
            .ext(distinct_on(t.case_id))
            .where(among(t.case_id, case_ids))
            .order_by(t.case_id, *_NEWEST)
        )
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def before(
        self, case: Case, *, since: datetime, limit: int
    ) -> tuple[tuple[str, Triage], ...]:
        c = tables.cases.c
        near = c.author == case.author
        if case.thread is not None:
            near = or_(near, c.thread == case.thread)
        m = tables.message_changes.c
        withdrawn = exists().where(m.case_id == c.id, m.kind == ChangeKind.WITHDRAWN.value)
        earlier = (
            select(c.id, c.author)
            .where(
                *(c[name] == getattr(case, name) for name in ("community", "source", "channel")),
                near,
                c.id != case.id,
                ~withdrawn,
                c.opened_at.between(since, case.opened_at),
            )
            .order_by(c.opened_at.desc(), c.id.desc())
            .limit(limit)
        )
        rows = (await self._connection.execute(earlier)).all()
        found = await self.latest([row.id for row in rows])
        return tuple((row.author, found[row.id]) for row in reversed(rows) if row.id in found)

    async def first_with_hash(self, community: str, hashes: Collection[str]) -> Mapping[str, str]:
        if not hashes:
            return {}
        c = tables.triages.c
        wanted = pairs_table([(one,) for one in hashes], "content_hash")
        first = (
            select(c.content_hash, c.case_id)
            .where(c.community == community, c.content_hash == wanted.c.content_hash)
            .order_by(c.created_at, c.case_id)
            .limit(1)
            .lateral("first")
        )
        query = select(first.c.content_hash, first.c.case_id)
        result = await self._connection.execute(query.select_from(wanted.join(first, true())))
        return {row.content_hash: row.case_id for row in result}

    async def pending(self, limit: int) -> tuple[tuple[str, str], ...]:
        s = tables.case_states.c
        query = (
            select(s.community, s.case_id)
            .where(s.triaged_size < s.size)
            .order_by(s.last_at)
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        return tuple((row[0], row[1]) for row in rows)


def _engine(triage: Triage) -> str:
    """Who judged: the engine, the model asked, and the person whose decision stands on it."""
    made = triage.judgement.versions
    names = (made.taxonomy, made.heads, made.embedder, made.signals)
    asked = (made.model,) if made.model else ()
    decided = (triage.standing.override_id,) if triage.standing else ()
    return "|".join((*names, *asked, *decided))


def _state(triage: Triage, joins: Joins) -> Values:
    judged = triage.judgement
    found = joins.found.get(triage.case_id)
    plain = searchable(judged.redacted.text)
    return {
        "case_id": triage.case_id,
        "triaged_size": triage.case_size,
        "triage_id": triage.id,
        "category": judged.primary,
        "guess": judged.guess,
        "confidence": judged.labels[0].confidence if judged.labels else None,
        "severity": judged.severity,
        "sentiment": judged.sentiment.value,
        "department": judged.route.department.value,
        "due_at": judged.route.due_at,
        "reply_due": judged.route.reply_due,
        "duplicate_root": joins.roots.get(triage.case_id),
        "duplicate_of": found.case_id if found else None,
        "duplicate_kind": found.kind if found else None,
        "excerpt": judged.redacted.text[:EXCERPT],
        "searchable": plain,
        "grams": grams_of(plain),
        "by_person": list(triage.by_person),
        "pressing": judged.route.pressing,
        "sla": 0,
    }


_COLUMNS = (
    "triaged_size", "triage_id", "category", "guess", "confidence", "severity", "sentiment",
    "department", "due_at", "reply_due", "duplicate_root", "duplicate_of",
    "duplicate_kind", "excerpt", "searchable", "grams", "by_person",
    "pressing", "sla",
)  # fmt: skip


def _state_update() -> Update:
    statement, new = bulk_update(tables.case_states, "case_id", _COLUMNS)
    return statement.where(tables.case_states.c.triaged_size <= new.c.triaged_size)


_STATE_UPDATE = _state_update()
