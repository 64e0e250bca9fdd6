"""How much of what over time, and who takes part."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from service.domain.account import Scope
from service.domain.alert import Metric, MetricKind
from service.errors import InvalidInput
from service.ports.insights import Bucket, Participation, Trend, TrendGroup, TrendMetric
from service.web.charts import Chart, chart
from service.web.incident_texts import theme_titles
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.spreadsheet import as_csv
from service.web.state import application_of
from service.web.viewer import Looking, Viewer

router = APIRouter(prefix="/trends")

LINES = 12
"""Series drawn."""

SPANS = {Bucket.HOUR: 3, Bucket.DAY: 30, Bucket.WEEK: 182}
PARTICIPATION = timedelta(days=29)

E = TypeVar("E", bound=StrEnum)


class Asked(NamedTuple):
    """What the form asks for; unknown values count as not given."""

    metric: TrendMetric
    group: TrendGroup | None
    bucket: Bucket
    since: date
    until: date


class Line(NamedTuple):
    """A series on the page."""

    title: str
    total: int
    chart: Chart


@router.get("")
async def trends(request: Request, looking: Looking) -> Response:
    """Charts of a count, and the figures of the last thirty days; `format=csv` gives the counts."""
    looking.require(Scope.CASES_READ)
    asked = _asked(request, looking)
    error, trend = None, None
    try:
        trend = await _trend(request, looking, asked)
    except InvalidInput as refused:
        error = refused
    lines = await _lines(request, looking, trend) if trend else ()
    if trend and request.query_params.get("format") == "csv":
        rows = [
            (start.isoformat(), line.key, count)
            for line in trend.series
            for start, count in zip(trend.starts, line.counts, strict=True)
        ]
        return as_csv("trends", ("start", "key", "count"), rows)
    kept = {name: value for name, value in request.query_params.items() if name != "format"}
    return pages_of(request).page(
        request,
        looking,
        "trends.html",
        http_status=status_of(error) if error else 200,
        asked=asked,
        lines=lines,
        as_of=trend.as_of if trend else None,
        csv=f"/trends?{urlencode(kept | {'format': 'csv'})}",
        found=await _participation(request, looking),
        metrics=tuple(TrendMetric),
        groups=tuple(TrendGroup),
        buckets=tuple(Bucket),
        error=error,
    )


def _asked(request: Request, looking: Viewer) -> Asked:
    given = request.query_params
    today = _today(request, looking)
    bucket = _one(Bucket, given.get("bucket")) or Bucket.DAY
    group = _one(TrendGroup, given.get("group"))
    until = _day(given.get("until")) or today
    return Asked(
        metric=TrendMetric.CASES
        if group
        else _one(TrendMetric, given.get("metric")) or TrendMetric.CASES,
        group=group,
        bucket=bucket,
        since=_day(given.get("since")) or until - timedelta(days=SPANS[bucket] - 1),
        until=until,
    )


async def _trend(request: Request, looking: Viewer, asked: Asked) -> Trend:
    return await application_of(request).insights.trend(
        looking.community.id,
        looking.community.timezone,
        metric=asked.metric,
        group=asked.group,
        bucket=asked.bucket,
        since=datetime.combine(asked.since, time(), looking.zone),
        until=datetime.combine(asked.until + timedelta(days=1), time(), looking.zone),
    )


async def _lines(request: Request, looking: Viewer, trend: Trend) -> tuple[Line, ...]:
    shown = trend.series[:LINES]
    metrics = [Metric(kind=MetricKind.THEME, key=line.key) for line in shown]
    themes = (
        await theme_titles(request, looking.community.id, metrics)
        if trend.group is TrendGroup.THEME
        else {}
    )
    names = {key: name.get(looking.lang) for key, name in themes.items()}
    return tuple(
        Line(
            names.get(line.key) or _title(request, looking, trend, line.key),
            line.total,
            chart(trend.starts, line.counts),
        )
        for line in shown
    )


def _title(request: Request, looking: Viewer, trend: Trend, key: str) -> str:
    pages, lang = pages_of(request), looking.lang
    if trend.group is None:
        return pages.catalogue.term(lang, "trend_metric", trend.metric.value)
    if not key:
        return pages.catalogue.text(lang, "trends.abstained")
    if trend.group is TrendGroup.CATEGORY:
        return pages.category_title(lang, key)
    if trend.group is TrendGroup.THEME:
        return pages.catalogue.term(lang, "metric", "theme")
    return pages.catalogue.term(lang, trend.group.value, key)


async def _participation(request: Request, looking: Viewer) -> Participation:
    today = _today(request, looking)
    return await application_of(request).insights.participation(
        looking.community.id,
        looking.community.timezone,
        since=today - PARTICIPATION,
        until=today,
        bucket=Bucket.DAY,
    )


def _today(request: Request, looking: Viewer) -> date:
    return application_of(request).clock.now().astimezone(looking.zone).date()


def _one(kind: type[E], value: str | None) -> E | None:
    return kind(value) if value in list(kind) else None


def _day(value: str | None) -> date | None:
    """A day that can be reckoned with."""
    try:
        day = date.fromisoformat(value or "")
    except ValueError:
        return None
    return day if 1971 < day.year < 2200 else None
