"""Rollups: counted again where facts changed, read as series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any

from sqlalchemy import ARRAY, DateTime, TextClause, bindparam, delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.types import SafeText
from service.domain.alert import STEP, Metric, MetricKind
from service.domain.community import Community
from service.ports.radar import Recent

_B, _P = tables.stale_buckets.c, tables.pulses.c

_ARRAYS: Mapping[str, ARRAY[Any]] = {
    "buckets": ARRAY(DateTime(timezone=True)),
    "staff": ARRAY(SafeText),
}
_SQL = resources.files("service.db.repositories")


def _statements(name: str) -> list[TextClause]:
    """The statements of a file; arrays get their types, the rest is plain."""
    return [
        text(part).bindparams(
            *(bindparam(key, type_=kind) for key, kind in _ARRAYS.items() if f":{key}" in part)
        )
        for part in (_SQL / f"{name}.sql").read_text(encoding="utf-8").split("-- next")
    ]


_COUNT = _statements("pulses")
(_RECENT,), (_THEMES,) = _statements("pulses_recent"), _statements("pulses_themes")

_KINDS: Mapping[str, MetricKind] = {
    "messages": MetricKind.VOLUME,
    "negative": MetricKind.NEGATIVE,
    "severe": MetricKind.SEVERE,
    "category": MetricKind.CATEGORY,
    "theme": MetricKind.THEME,
    "cases": MetricKind.NEGATIVE_SHARE,
}
"""Kinds of rows that are watched; `cases` is what negative cases are a share of."""


class SqlPulses:
    """See `service.ports.radar.Pulses`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def refresh(self, community: Community, limit: int) -> int:
        query = select(_B.id, _B.bucket).where(_B.community == community.id)
        # In order of time: neighbouring quarters share the day that is counted again.
        ordered = query.order_by(_B.bucket, _B.id).limit(limit)
        stale = (await self._connection.execute(ordered)).all()
        if not stale:
            return 0
        values = {
            "community": community.id,
            "zone": community.timezone,
            "staff": sorted(community.staff),
            "buckets": sorted({row.bucket for row in stale}),
        }
        for statement in _COUNT:
            await self._connection.execute(statement, values)
        taken = [row.id for row in stale]
        await self._connection.execute(delete(tables.stale_buckets).where(_B.id.in_(taken)))
        return len(stale)

    async def series(
        self, community: str, since: datetime, until: datetime
    ) -> Mapping[Metric, tuple[int, ...]]:
        length = (until - since) // STEP
        found: dict[Metric, list[int]] = defaultdict(lambda: [0] * length)
        query = select(_P.kind, _P.key, _P.bucket, _P.voices).where(
            _P.community == community,
            _P.bucket >= since,
            _P.bucket < until,
            _P.kind.in_(list(_KINDS)),
        )
        rows = list(await self._connection.execute(query))
        given = {"community": community, "since": since, "until": until}
        rows += list(await self._connection.execute(_THEMES, given))
        for kind, key, bucket, voices in rows:
            metric = Metric(kind=_KINDS[kind], key=key)
            found[metric][(bucket - since) // STEP] += voices
        return {metric: tuple(counts) for metric, counts in found.items()}

    async def recent(
        self, community: str, since: datetime, until: datetime, most: int
    ) -> Mapping[Metric, Recent]:
        owner = await self._connection.scalar(
            select(tables.communities.c.staff).where(tables.communities.c.id == community)
        )
        values = {
            "community": community, "since": since, "until": until, "most": most,
            "staff": list(owner or ()),
        }  # fmt: skip
        rows = await self._connection.execute(_RECENT, values)
        return {
            Metric(kind=_KINDS[row.kind], key=row.key): Recent(row.authors, tuple(row.evidence))
            for row in rows
        }
