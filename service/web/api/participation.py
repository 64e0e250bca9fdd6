"""Participation: who takes part, how evenly, how fast they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from service.domain.account import Actor, Scope
from service.ports.insights import Activity, Bucket, EventFunnel, Participation
from service.web.api.base import documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.spreadsheet import CSV_ANSWER, as_csv, wants_csv
from service.web.state import application_of

router = APIRouter(prefix="/participation", tags=["trends"], route_class=ApiRoute)

SPAN = timedelta(days=29)


@router.get(
    "",
    response_model=Participation,
    responses=documented(404) | CSV_ANSWER,
    summary="Who takes part",
)
async def participation(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    since: Annotated[date | None, Query(description="First local day.")] = None,
    until: Annotated[date | None, Query(description="Last local day, included.")] = None,
    bucket: Annotated[Literal["day", "week"], Query()] = "day",
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="Or send `Accept: text/csv`.")
    ] = None,
) -> Participation | Response:
    """Messages and distinct authors, all and without noise replies (收到, 谢谢, +1), the share of
    those who write most, response times. CSV holds the buckets. Own people are left out."""
    application = application_of(request)
    today = application.clock.now().astimezone(ZoneInfo(community.timezone)).date()
    last = until or today
    found = await application.insights.participation(
        community.id,
        community.timezone,
        since=since or max(last, date(1971, 2, 1)) - SPAN,
        until=last,
        bucket=Bucket(bucket),
    )
    if wants_csv(request, format):
        return as_csv("participation", tuple(Activity.model_fields), _rows(found))
    return found


@router.get("/event", responses=documented(404), summary="The funnel of an event")
async def event(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    start: Annotated[AwareDatetime, Query(examples=["2026-04-11T19:00:00+08:00"])],
    end: Annotated[AwareDatetime, Query(examples=["2026-04-11T21:00:00+08:00"])],
    channel: Annotated[
        str | None, Query(max_length=200, description="Where it took place, if in one channel.")
    ] = None,
) -> EventFunnel:
    """Distinct members before, during and after, as far as messages tell: registrations and silent
    attendance are not known here."""
    return await application_of(request).insights.event(
        community.id, start=start, end=end, channel=channel
    )


def _rows(found: Participation) -> Iterator[tuple[object, ...]]:
    for one in found.days:
        yield tuple(getattr(one, name) for name in Activity.model_fields)
