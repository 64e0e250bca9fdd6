"""What stands out, and the incidents people work on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.alert import Metric, MetricKind, Reading
from service.domain.base import Bilingual
from service.domain.drift import DriftAlarm
from service.domain.incident import EntryKind, IncidentStatus
from service.errors import AppError, Conflict
from service.flows.incidents import IncidentRoom
from service.ports.insights import Bucket, TrendGroup, TrendMetric
from service.ports.jobs import Job
from service.web.charts import Chart, chart
from service.web.drift_texts import Told, cause_text, moves_of
from service.web.incident_texts import holding_brief, metric_title, playbook, theme_titles
from service.web.pages.links import with_cursor
from service.web.pages.people import names
from service.web.postmortem import export_of
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.runs import queue_run
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/radar")

PAGE = 20
CHARTS = 8
"""Series drawn on the page: what stands out first, then the most lively."""

NAMED = 3
"""Series an incident is named after."""

SPAN = timedelta(days=7)


class Watched(NamedTuple):
    """A series on the page."""

    title: str
    reading: Reading
    chart: Chart


@router.get("")
async def radar(request: Request, looking: Looking) -> Response:
    """Levels, charts of the last week, incidents."""
    looking.require(Scope.CASES_READ)
    application = application_of(request)
    view = await application.insights.radar(looking.community.id, application.clock.now())
    page = await application.insights.incidents(
        looking.community.id, cursor=request.query_params.get("cursor"), limit=PAGE
    )
    drift = await _drift(request, looking)
    unclosed = any(one.status is not IncidentStatus.CLOSED for one in page.items)
    return pages_of(request).page(
        request,
        looking,
        "radar.html",
        at=view.at,
        level=max((one.level for one in view.readings), default=0),
        calm=not (unclosed or drift.alarms),
        watched=await _watched(request, looking, view.readings, view.at),
        drift=drift,
        incidents=page.items,
        about=await _about(request, looking, [one.id for one in page.items]),
        more=with_cursor(request, page.cursor),
        queued="queued" in request.query_params,
    )


@router.post("/run")
async def run(request: Request, looking: Looking) -> Response:
    """Queue a run."""
    looking.require(Scope.TRIAGE)
    await form_of(request, looking.session.id)
    await queue_run(request, Job.RADAR, looking.community.id)
    await queue_run(request, Job.DRIFT, looking.community.id)
    return RedirectResponse("/radar?queued=1", 303)


@router.post("/drift/{alarm_id}/close")
async def close_drift(request: Request, alarm_id: str, looking: Looking) -> Response:
    """Say that one knows of a share that moved."""
    looking.require(Scope.REVIEW)
    form = await form_of(request, looking.session.id)
    flow = application_of(request).drift
    looking.within((await flow.alarm(alarm_id)).community)
    with suppress(Conflict):  # somebody else was first, and the page shows it
        await flow.close(alarm_id, looking.user.id, form.get("note", ""))
    return RedirectResponse("/radar#drift", 303)


@router.get("/{incident_id}")
async def read(request: Request, incident_id: str, looking: Looking) -> Response:
    """One incident."""
    looking.require(Scope.CASES_READ)
    return await _incident(request, looking, await _room(request, incident_id, looking))


@router.get("/{incident_id}/export")
async def export(request: Request, incident_id: str, looking: Looking) -> Response:
    """The report as a file."""
    looking.require(Scope.CASES_READ)
    room = await _room(request, incident_id, looking)
    name = f'attachment; filename="{room.incident.id}.md"'
    return Response(
        await export_of(request, room, looking.lang),
        media_type="text/markdown",
        headers={"Content-Disposition": name},
    )


@router.post("/{incident_id}/holding")
async def holding(request: Request, incident_id: str, looking: Looking) -> Response:
    """Ask for a holding statement; its draft waits in the queue."""
    looking.require(Scope.POSTS_WRITE)
    await form_of(request, looking.session.id)
    room = await _room(request, incident_id, looking)
    application = application_of(request)
    brief = holding_brief(request, room, looking.community.default_lang, ())
    asked = await application.content.request(room.incident.community, brief, looking.user.id)
    await application.incidents.tell(incident_id, looking.user.id, EntryKind.HOLDING, ref=asked.id)
    return RedirectResponse(f"/radar/{incident_id}", 303)


@router.post("/{incident_id}/{step}")
async def step(request: Request, incident_id: str, step: str, looking: Looking) -> Response:
    """Acknowledge, close or note."""
    looking.require(Scope.REVIEW)
    form = await form_of(request, looking.session.id)
    await _room(request, incident_id, looking)
    flow, by = application_of(request).incidents, looking.user.id
    note = form.get("note", "").strip()
    try:
        if step == "acknowledge":
            await flow.acknowledge(incident_id, by, note)
        elif step == "close":
            await flow.close(incident_id, by, note)
        elif note:
            await flow.tell(incident_id, by, EntryKind.NOTE, note=note)
    except Conflict as error:
        room = await _room(request, incident_id, looking)
        return await _incident(request, looking, room, error)
    return RedirectResponse(f"/radar/{incident_id}", 303)


async def _room(request: Request, incident_id: str, looking: Viewer) -> IncidentRoom:
    room = await application_of(request).incidents.room(incident_id)
    looking.within(room.incident.community)
    return room


async def _incident(
    request: Request, looking: Viewer, room: IncidentRoom, error: AppError | None = None
) -> Response:
    metrics = [alert.metric for alert in room.alerts]
    themes = await theme_titles(request, room.incident.community, metrics)
    titles = {one.id: _title(request, looking, one.metric, themes) for one in room.alerts}
    return pages_of(request).page(
        request,
        looking,
        "incident.html",
        http_status=status_of(error) if error else 200,
        incident=room.incident,
        alerts=tuple((titles[one.id], one) for one in room.alerts),
        titles=titles,
        entries=room.entries,
        names=await names(request),
        steps=playbook(request, room, looking.lang),
        statuses=IncidentStatus,
        error=error,
    )


class Drift(NamedTuple):
    """Shares that moved: alarms that go on with their keys and causes, measures compared in all."""

    alarms: tuple[tuple[DriftAlarm, tuple[Told, ...], tuple[str, ...]], ...]
    compared: int
    at: datetime | None


async def _drift(request: Request, looking: Viewer) -> Drift:
    application, pages = application_of(request), pages_of(request)
    view = await application.insights.drift(looking.community.id, application.clock.now())
    told = tuple(
        (
            alarm,
            moves_of(pages, looking.lang, alarm.shift),
            tuple(cause_text(pages, looking.lang, one) for one in alarm.causes),
        )
        for alarm in view.alarms
    )
    return Drift(told, len({one.measure for one in view.shifts}), view.at)


async def _about(request: Request, looking: Viewer, incident_ids: Sequence[str]) -> dict[str, str]:
    """What each incident is about: the names of its gravest series."""
    found = await application_of(request).insights.alerts_of(incident_ids)
    metrics = [alert.metric for alerts in found.values() for alert in alerts[:NAMED]]
    themes = await theme_titles(request, looking.community.id, metrics)
    return {
        incident: " · ".join(
            _title(request, looking, alert.metric, themes) for alert in alerts[:NAMED]
        )
        for incident, alerts in found.items()
    }


async def _watched(
    request: Request, looking: Viewer, readings: Iterable[Reading], at: datetime | None
) -> tuple[Watched, ...]:
    order = sorted(readings, key=lambda one: (-one.level, -one.surprise, -one.baseline))
    shown = order[:CHARTS]
    themes = await theme_titles(request, looking.community.id, (one.metric for one in shown))
    return tuple(
        [
            Watched(
                _title(request, looking, reading.metric, themes),
                reading,
                await _chart(request, looking, reading.metric, at or reading.until),
            )
            for reading in shown
        ]
    )


_SIMPLE = {
    MetricKind.VOLUME: TrendMetric.MESSAGES,
    MetricKind.SEVERE: TrendMetric.SEVERE,
    MetricKind.NEGATIVE: TrendMetric.NEGATIVE,
    MetricKind.NEGATIVE_SHARE: TrendMetric.NEGATIVE,
}
_GROUPED = {MetricKind.CATEGORY: TrendGroup.CATEGORY, MetricKind.THEME: TrendGroup.THEME}


async def _chart(request: Request, looking: Viewer, metric: Metric, until: datetime) -> Chart:
    trend = await application_of(request).insights.trend(
        looking.community.id,
        looking.community.timezone,
        metric=_SIMPLE.get(metric.kind, TrendMetric.CASES),
        group=_GROUPED.get(metric.kind),
        bucket=Bucket.HOUR,
        since=until - SPAN,
        until=until,
        key=metric.key if metric.kind in _GROUPED else None,
    )
    counts = trend.series[0].counts if trend.series else (0,) * len(trend.starts)
    return chart(trend.starts, counts)


def _title(
    request: Request, looking: Viewer, metric: Metric, themes: Mapping[str, Bilingual]
) -> str:
    return metric_title(request, metric, looking.lang, themes)
