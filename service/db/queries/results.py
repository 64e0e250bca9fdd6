"""Posts with what became of them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.queries import cursor as cursors
from service.db.repositories import SqlResults
from service.db.types import storable
from service.domain.result import PostOutcome, PostResult
from service.domain.views import Page
from service.ports.results import ResultFilter

_POSTS = text(Path(__file__).with_name("results.sql").read_text(encoding="utf-8"))


async def list_outcomes(
    connection: AsyncConnection, community: str, where: ResultFilter, cursor: str | None, limit: int
) -> Page[PostOutcome]:
    """Posts with at least one result, the one that left last first."""
    limit, after = cursors.bounded(limit), cursors.time_key(cursor)
    given = {
        "community": community,
        "kind": storable(where.kind) if where.kind is not None else None,
        "channel": storable(where.channel) if where.channel is not None else None,
        "since": where.since,
        "after": after.at if after else None,
        "after_id": after.id if after else None,
        "limit": limit + 1,
    }
    rows = (await connection.execute(_POSTS, given)).mappings().all()
    told: dict[str, list[PostResult]] = defaultdict(list)
    for one in await SqlResults(connection).newest([row["post_request_id"] for row in rows]):
        told[one.post_request_id].append(one)
    return cursors.page(
        rows,
        limit,
        lambda row: PostOutcome(**row, results=tuple(told[row["post_request_id"]])),
        lambda row: cursors.encode(row["at"], row["post_request_id"]),
    )
