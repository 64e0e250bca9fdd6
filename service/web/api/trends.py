"""Trends: how much of what, over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from service.domain.account import Actor, Scope
from service.ports.insights import Bucket, Trend, TrendGroup, TrendMetric
from service.web.api.base import documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.spreadsheet import CSV_ANSWER, as_csv, wants_csv
from service.web.state import application_of

router = APIRouter(prefix="/trends", tags=["trends"], route_class=ApiRoute)

SPANS = {
    Bucket.HOUR: timedelta(days=3),
    Bucket.DAY: timedelta(days=30),
    Bucket.WEEK: timedelta(weeks=26),
}
"""How far back a trend reaches when nothing is said."""


@router.get(
    "",
    response_model=Trend,
    responses=documented(404) | CSV_ANSWER,
    summary="Counts over time",
)
async def trends(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    metric: Annotated[
        TrendMetric, Query(description="Messages, or cases: all, negative or severe ones.")
    ] = TrendMetric.CASES,
    group: Annotated[TrendGroup | None, Query(description="Split cases by this.")] = None,
    bucket: Annotated[Bucket, Query(description="In the community's time zone.")] = Bucket.DAY,
    key: Annotated[
        str | None,
        Query(max_length=100, description="Only this category, theme, ...", examples=["complaint"]),
    ] = None,
    since: Annotated[AwareDatetime | None, Query(examples=["2026-04-01T00:00:00+08:00"])] = None,
    until: AwareDatetime | None = None,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="Or send `Accept: text/csv`.")
    ] = None,
) -> Trend | Response:
    """Every bucket of the range with zeros, largest series first, at most 1,000 buckets and 50
    series. The community's own people are left out. Counts follow new facts within 17 minutes."""
    application = application_of(request)
    end = until or application.clock.now()
    trend = await application.insights.trend(
        community.id,
        community.timezone,
        metric=metric,
        group=group,
        bucket=bucket,
        since=since or end - SPANS[bucket],
        until=end,
        key=key,
    )
    if wants_csv(request, format):
        return as_csv("trends", ("start", "key", "count"), _rows(trend))
    return trend


def _rows(trend: Trend) -> Iterator[tuple[object, ...]]:
    for line in trend.series:
        for start, count in zip(trend.starts, line.counts, strict=True):
            yield start.isoformat(), line.key, count
