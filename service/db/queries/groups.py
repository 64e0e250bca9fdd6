"""Groups of duplicates: who said the same, and what holds them together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, distinct, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import repositories as r
from service.db import tables
from service.db.queries import cursor as cursors
from service.domain.duplicates import LinkVerdict, in_force
from service.domain.views import DuplicateGroup, GroupLink, GroupMember, GroupView, Page
from service.ports.queries import GroupFilter

_S, _L = tables.case_states.c, tables.duplicate_links.c

MERGED = "merged"
"""Kind of a group that a person's word holds together."""

_SHOWN = 200
"""Members one group shows; its size counts all."""


async def list_groups(
    connection: AsyncConnection,
    community: str,
    where: GroupFilter,
    cursor: str | None,
    limit: int,
) -> Page[DuplicateGroup]:
    """Groups by their first case, newest first; see `service.ports.queries.Queries.groups`."""
    limit = cursors.bounded(limit)
    after = cursors.score_key(cursor)
    query = _groups(community, where).order_by(_S.duplicate_root.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(_S.duplicate_root < after.id)
    rows = (await connection.execute(query)).mappings().all()
    found = await _filled(connection, [row["root"] for row in rows], community)
    return cursors.page(
        rows, limit, lambda row: found[row["root"]], lambda row: cursors.encode(0, row["root"])
    )


async def group_of(connection: AsyncConnection, case_id: str) -> GroupView | None:
    """The group a case stands in, with its members; None where it stands alone."""
    root = await connection.scalar(
        select(func.coalesce(_S.duplicate_root, _S.case_id)).where(_S.case_id == case_id)
    )
    rows = await _members(connection, root) if root else []
    if len(rows) < 2:
        return None
    community = rows[0]["community"]
    group = (await _filled(connection, [root], community))[root]
    net = await r.SqlDuplicates(connection).net([case_id])
    newest = {link.pair: link for link in sorted(net.links, key=lambda one: (one.at, one.id))}
    links = [
        GroupLink(
            first_id=pair.first,
            second_id=pair.second,
            by=newest[pair].by if pair in newest else None,
            at=newest[pair].at if pair in newest else None,
        )
        for pair in sorted(in_force(net.found, net.links))
    ]
    members = tuple(GroupMember(**{n: row[n] for n in GroupMember.model_fields}) for row in rows)
    return GroupView(group=group, members=members[:_SHOWN], links=tuple(links))


def _groups(community: str, where: GroupFilter) -> Select[Any]:
    """First cases of the groups that pass every filter."""
    query = (
        select(_S.duplicate_root.label("root"))
        .where(_S.community == community, _S.duplicate_root.is_not(None))
        .group_by(_S.duplicate_root)
        .having(func.count() + 1 >= where.min_size)
    )
    if where.since is not None:
        query = query.having(func.max(_S.last_at) >= where.since)
    if where.kind is not None:
        query = query.having(func.bool_or(_held_by(where.kind)))
    return query


def _held_by(kind: str) -> ColumnElement[bool]:
    if kind != MERGED:
        return _S.duplicate_kind == kind
    return _S.case_id.in_(_merged(_L.first_id)) | _S.case_id.in_(_merged(_L.second_id))


def _merged(column: ColumnElement[str]) -> Select[Any]:
    """Cases on that side of a pair whose newest word is a merge."""
    newest = (
        select(column.label("case_id"), _L.verdict)
        .ext(distinct_on(_L.first_id, _L.second_id))
        .order_by(_L.first_id, _L.second_id, _L.at.desc(), _L.id.desc())
        .subquery()
    )
    return select(newest.c.case_id).where(newest.c.verdict == LinkVerdict.MERGED)


async def _filled(
    connection: AsyncConnection, roots: Collection[str], community: str
) -> Mapping[str, DuplicateGroup]:
    root = func.coalesce(_S.duplicate_root, _S.case_id)
    query = (
        select(
            root.label("root"),
            func.count().label("size"),
            func.count(distinct(_S.author)).label("authors"),
            func.min(_S.last_at).label("first_at"),
            func.max(_S.last_at).label("last_at"),
            func.array_agg(distinct(_S.duplicate_kind)).label("kinds"),
            func.array_agg(_S.case_id).label("case_ids"),
        )
        .where(or_(_S.case_id.in_(roots), _S.duplicate_root.in_(roots)), _S.community == community)
        .group_by(root)
    )
    rows = (await connection.execute(query)).mappings().all()
    heads = await _heads(connection, roots)
    merged = await _with_word(connection, roots)
    return {row["root"]: _group(row, heads[row["root"]], row["root"] in merged) for row in rows}


async def _heads(connection: AsyncConnection, roots: Collection[str]) -> Mapping[str, RowMapping]:
    query = select(_S.case_id, _S.category, _S.severity, _S.excerpt).where(_S.case_id.in_(roots))
    return {row["case_id"]: row for row in (await connection.execute(query)).mappings()}


async def _with_word(connection: AsyncConnection, roots: Collection[str]) -> frozenset[str]:
    """Groups that a person's merge holds."""
    root = func.coalesce(_S.duplicate_root, _S.case_id)
    query = select(root).where(
        or_(_S.case_id.in_(roots), _S.duplicate_root.in_(roots)), _held_by(MERGED)
    )
    return frozenset((await connection.execute(query)).scalars())


def _group(row: RowMapping, head: RowMapping, merged: bool) -> DuplicateGroup:
    kinds = sorted(kind for kind in row["kinds"] if kind)
    return DuplicateGroup(
        first_case_id=row["root"],
        size=row["size"],
        authors=row["authors"],
        kinds=(*kinds, *((MERGED,) if merged else ())),
        category=head["category"],
        severity=head["severity"],
        excerpt=head["excerpt"] or "",
        first_at=row["first_at"],
        last_at=row["last_at"],
        case_ids=tuple(sorted(row["case_ids"])[:_SHOWN]),
    )


async def _members(connection: AsyncConnection, root: str) -> list[RowMapping]:
    query = select(tables.case_states).where(or_(_S.case_id == root, _S.duplicate_root == root))
    rows = await connection.execute(query.order_by(_S.case_id))
    shown: list[RowMapping] = list(rows.mappings())
    return shown
