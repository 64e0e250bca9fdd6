"""Counts over time, from the rollups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, DateTime, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.errors import InvalidInput
from service.ports.insights import Bucket, Trend, TrendGroup, TrendLine, TrendMetric

MOST_BUCKETS = 1_000
"""Buckets of one answer."""

MOST_LINES = 50
"""Series of one answer, the largest."""

LONGEST_THEMES = timedelta(days=92)
"""Themes are counted from cases, since a case may change its theme."""

_P, _C, _T = tables.pulses.c, tables.cases.c, tables.case_themes.c


async def trend(
    connection: AsyncConnection,
    community: str,
    zone: str,
    metric: TrendMetric,
    group: TrendGroup | None,
    bucket: Bucket,
    since: datetime,
    until: datetime,
    key: str | None,
) -> Trend:
    """See `service.ports.insights.Insights.trend`."""
    _require(metric, group, since, until)
    starts = tuple(_starts(bucket, ZoneInfo(zone), since, until))
    query = (
        _themes(community, bucket, zone, starts[0], until)
        if group is TrendGroup.THEME
        else _pulses(community, bucket, zone, group or metric, starts[0], until)
    )
    counts: dict[str, dict[datetime, int]] = defaultdict(dict)
    for row in (await connection.execute(query)).all():
        counts[row[0]][row[1]] = row[2]
    lines = [
        TrendLine(
            key=name,
            total=sum(found.values()),
            counts=tuple(found.get(start, 0) for start in starts),
        )
        for name, found in counts.items()
        if key is None or name == key
    ]
    return Trend(
        metric=metric,
        group=group,
        bucket=bucket,
        timezone=zone,
        starts=starts,
        series=tuple(sorted(lines, key=lambda line: (-line.total, line.key))[:MOST_LINES]),
        as_of=await _as_of(connection, community),
    )


def _require(
    metric: TrendMetric, group: TrendGroup | None, since: datetime, until: datetime
) -> None:
    if since >= until:
        raise InvalidInput("The range is empty: `since` must be before `until`.")
    if not 1971 <= since.year < until.year + 1 <= 2200:
        raise InvalidInput("The range lies outside of what can be counted.")
    if group is not None and metric is not TrendMetric.CASES:
        raise InvalidInput("Only cases are split by a group.")
    if group is TrendGroup.THEME and until - since > LONGEST_THEMES:
        raise InvalidInput(f"Ask for at most {LONGEST_THEMES.days} days of themes.")


def _pulses(
    community: str, bucket: Bucket, zone: str, kind: str, since: datetime, until: datetime
) -> Select[Any]:
    start = _start(bucket, _P.bucket, zone)
    return (
        select(_P.key, start, func.sum(_P.count))
        .where(
            _P.community == community,
            _P.kind == str(kind),
            _P.bucket >= since,
            _P.bucket < until,
        )
        .group_by(_P.key, start)
    )


def _themes(
    community: str, bucket: Bucket, zone: str, since: datetime, until: datetime
) -> Select[Any]:
    start = _start(bucket, _C.opened_at, zone)
    return (
        select(_T.theme_id, start, func.count())
        .select_from(tables.cases)
        .join(tables.case_themes, _T.case_id == _C.id)
        .where(_C.community == community, _C.opened_at >= since, _C.opened_at < until)
        .group_by(_T.theme_id, start)
    )


def _start(bucket: Bucket, at: ColumnElement[object], zone: str) -> ColumnElement[datetime]:
    # Literals, so that PostgreSQL sees one expression in SELECT and GROUP BY.
    unit = literal(bucket.value, literal_execute=True)
    where = literal(zone, literal_execute=True)
    return func.date_trunc(unit, at, where, type_=DateTime(timezone=True))


def _starts(bucket: Bucket, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
    """The moments buckets begin, as UTC."""
    local = since.astimezone(zone)
    if bucket is Bucket.HOUR:
        at = since.astimezone(UTC) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        yield from _bounded(at + timedelta(hours=n) for n in _from_zero(until - at, 3600))
        return
    day = local.date()
    step = 1
    if bucket is Bucket.WEEK:
        day, step = day - timedelta(days=day.weekday()), 7
    number = _from_zero(until - since + timedelta(days=step), step * 86_400)
    found = (
        datetime.combine(day + timedelta(days=step * n), datetime.min.time(), zone) for n in number
    )
    yield from _bounded(at.astimezone(UTC) for at in found if at < until)


def _from_zero(span: timedelta, step_s: int) -> range:
    return range(int(span.total_seconds() // step_s) + 1)


def _bounded(starts: Iterator[datetime]) -> Iterator[datetime]:
    for number, start in enumerate(starts):
        if number == MOST_BUCKETS:
            raise InvalidInput(f"Ask for at most {MOST_BUCKETS} buckets, or longer ones.")
        yield start


async def _as_of(connection: AsyncConnection, community: str) -> datetime | None:
    state = tables.radar_states.c
    found: datetime | None = await connection.scalar(
        select(state.at).where(state.community == community)
    )
    return found
