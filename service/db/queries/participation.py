"""Who takes part, from the days each author wrote on, and how fast members are answered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, Date, RowMapping, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.types import SafeText
from service.errors import InvalidInput
from service.ports.insights import (
    Activity,
    Bucket,
    EventFunnel,
    Participation,
    ResponseTimes,
)

LONGEST = timedelta(days=731)
LONGEST_EVENT = timedelta(days=31)

_D = tables.author_days.c
_SQL = resources.files("service.db.queries")
_STAFF = bindparam("staff", type_=ARRAY(SafeText))
_RESPONSE = text((_SQL / "participation.sql").read_text(encoding="utf-8")).bindparams(_STAFF)
_EVENT = text((_SQL / "event.sql").read_text(encoding="utf-8")).bindparams(_STAFF)

_EFFECTIVE = _D.effective > 0
_FIGURES: tuple[ColumnElement[int], ...] = (
    func.coalesce(func.sum(_D.messages), 0).label("messages"),
    func.coalesce(func.sum(_D.effective), 0).label("effective_messages"),
    func.count(_D.author.distinct()).label("authors"),
    func.count(_D.author.distinct()).filter(_EFFECTIVE).label("effective_authors"),
)


async def participation(
    connection: AsyncConnection, community: str, zone: str, since: date, until: date, bucket: Bucket
) -> Participation:
    """See `service.ports.insights.Insights.participation`."""
    _require(since, until, bucket)
    inside = (_D.community == community, _D.day >= since, _D.day <= until)
    start = func.date_trunc(bucket.value, _D.day).cast(Date)
    grouped = select(start.label("start"), *_FIGURES).where(*inside).group_by("start")
    days = (await connection.execute(grouped.order_by("start"))).mappings().all()
    total = (await connection.execute(select(*_FIGURES).where(*inside))).mappings().one()
    shares = await _shares(connection, inside)
    return Participation(
        since=since,
        until=until,
        bucket=bucket,
        timezone=zone,
        total=_activity(total, since),
        days=tuple(_activity(row, max(row["start"], since)) for row in days),
        top_10_authors_share=shares[0],
        top_tenth_share=shares[1],
        response=await _response(connection, community, zone, since, until),
    )


async def event(
    connection: AsyncConnection, community: str, start: datetime, end: datetime, channel: str | None
) -> EventFunnel:
    """See `service.ports.insights.Insights.event`."""
    if not timedelta(0) < end - start <= LONGEST_EVENT:
        raise InvalidInput(f"An event ends after its start, within {LONGEST_EVENT.days} days.")
    if not 1971 <= start.year <= end.year <= 2200:
        raise InvalidInput("The event lies outside of what can be counted.")
    given = {
        "community": community, "start": start, "end": end, "channel": channel,
        "staff": await staff_of(connection, community),
    }  # fmt: skip
    row = (await connection.execute(_EVENT, given)).mappings().one()
    return EventFunnel.model_validate(dict(row))


def _require(since: date, until: date, bucket: Bucket) -> None:
    if bucket is Bucket.HOUR:
        raise InvalidInput("Participation is counted by days or weeks.")
    if not timedelta(0) <= until - since <= LONGEST:
        raise InvalidInput(f"Ask for 1 to {LONGEST.days + 1} days.")
    if not 1971 <= since.year <= until.year <= 2200:
        raise InvalidInput("The range lies outside of what can be counted.")


async def _shares(
    connection: AsyncConnection, inside: tuple[ColumnElement[bool], ...]
) -> tuple[float | None, float | None]:
    """What the ten and the tenth of authors who wrote most have of all effective messages."""
    each = (
        select(func.sum(_D.effective).label("n")).where(*inside, _EFFECTIVE).group_by(_D.author)
    ).subquery()
    ranked = select(
        each.c.n,
        func.row_number().over(order_by=each.c.n.desc()).label("place"),
        func.count().over().label("people"),
    ).subquery()
    c = ranked.c
    query = select(
        func.sum(c.n).label("all"),
        func.sum(c.n).filter(c.place <= 10).label("ten"),
        func.sum(c.n).filter(c.place <= func.ceil(c.people / 10.0)).label("tenth"),
    )
    row = (await connection.execute(query)).mappings().one()
    if not row["all"]:
        return None, None
    return float(row["ten"] / row["all"]), float(row["tenth"] / row["all"])


async def _response(
    connection: AsyncConnection, community: str, zone: str, since: date, until: date
) -> ResponseTimes:
    given = {
        "community": community,
        "since": _midnight(since, zone),
        "until": _midnight(until + timedelta(days=1), zone),
        "staff": await staff_of(connection, community),
    }
    row = (await connection.execute(_RESPONSE, given)).mappings().one()
    return ResponseTimes.model_validate(dict(row))


async def staff_of(connection: AsyncConnection, community: str) -> list[str]:
    """Authors who answer for the community."""
    c = tables.communities.c
    return list(await connection.scalar(select(c.staff).where(c.id == community)) or ())


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone))


def _activity(row: RowMapping, start: date) -> Activity:
    names = Activity.model_fields.keys() - {"start"}
    return Activity(start=start, **{name: int(row[name]) for name in names})
