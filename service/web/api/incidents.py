"""Incidents: read, acknowledge, note, close, export, ask for a holding statement."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.alert import Alert
from service.domain.base import Lang
from service.domain.incident import EntryKind, Incident, IncidentEntry, IncidentStatus
from service.domain.post import PostRequest
from service.domain.views import Page
from service.flows.incidents import IncidentRoom
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.incident_texts import holding_brief, playbook
from service.web.postmortem import export_of
from service.web.state import application_of

router = APIRouter(prefix="/incidents", tags=["radar"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]
Handler = Annotated[Actor, require(Scope.REVIEW)]

_MARKDOWN: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}
}


class NoteBody(Body):
    """A person's own words for the timeline."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "支付渠道已联系"}]})

    note: str = Field("", max_length=2000)


class HoldingBody(Body):
    """In which language, and what it may say; without points only what the radar counted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lang": "zh", "points": ["我们正在查重复扣款"]}]}
    )

    lang: Lang = Lang.ZH
    points: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = Field(
        (), max_length=10
    )


class IncidentDetail(BaseModel):
    """An incident, its alerts and timeline (oldest first), and what to do about such ones."""

    incident: Incident
    alerts: tuple[Alert, ...]
    timeline: tuple[IncidentEntry, ...]
    playbook: tuple[str, ...]


@router.get("", responses=documented(404), summary="List incidents")
async def incidents(
    request: Request,
    community: InCommunity,
    _: Reader,
    status: IncidentStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Incident]:
    """Newest first."""
    return await application_of(request).insights.incidents(
        community.id, status=status, cursor=cursor, limit=limit
    )


@router.get("/{incident_id}", responses=documented(404), summary="Read an incident")
async def read(
    request: Request, incident_id: str, actor: Reader, lang: Annotated[Lang, Query()] = Lang.ZH
) -> IncidentDetail:
    """With alerts, timeline and the playbook for what it is about."""
    room = await _room(request, incident_id, actor)
    return IncidentDetail(
        incident=room.incident,
        alerts=room.alerts,
        timeline=room.entries,
        playbook=playbook(request, room, lang),
    )


@router.post(
    "/{incident_id}/acknowledge",
    responses=documented(404, 409, body=True),
    summary="Acknowledge an incident",
)
async def acknowledge(
    request: Request, incident_id: str, body: NoteBody, actor: Handler
) -> Incident:
    """Say that you look after it; again changes nothing."""
    await _room(request, incident_id, actor)
    return await application_of(request).incidents.acknowledge(incident_id, actor.id, body.note)


@router.post(
    "/{incident_id}/close", responses=documented(404, 409, body=True), summary="Close an incident"
)
async def close(request: Request, incident_id: str, body: NoteBody, actor: Handler) -> Incident:
    """It is over; it must have been acknowledged."""
    await _room(request, incident_id, actor)
    return await application_of(request).incidents.close(incident_id, actor.id, body.note)


@router.post("/{incident_id}/notes", responses=documented(404, body=True), summary="Note something")
async def note(request: Request, incident_id: str, body: NoteBody, actor: Handler) -> Incident:
    """A line in the timeline; also after closing."""
    await _room(request, incident_id, actor)
    return await application_of(request).incidents.tell(
        incident_id, actor.id, EntryKind.NOTE, note=body.note
    )


@router.post(
    "/{incident_id}/holding",
    status_code=202,
    responses=documented(404, body=True),
    summary="Ask for a holding statement",
)
async def holding(
    request: Request,
    incident_id: str,
    body: HoldingBody,
    actor: Annotated[Actor, require(Scope.POSTS_WRITE)],
) -> PostRequest:
    """A post request like any other: its draft waits in the queue, and a person decides."""
    application = application_of(request)
    room = await _room(request, incident_id, actor)
    brief = holding_brief(request, room, body.lang, body.points)
    asked = await application.content.request(room.incident.community, brief, actor.id)
    await application.incidents.tell(incident_id, actor.id, EntryKind.HOLDING, ref=asked.id)
    return asked


@router.get(
    "/{incident_id}/export",
    response_class=Response,
    responses=documented(404) | _MARKDOWN,
    summary="The post-mortem as Markdown",
)
async def export(
    request: Request, incident_id: str, actor: Reader, lang: Annotated[Lang, Query()] = Lang.ZH
) -> Response:
    """Computed numbers, the timeline and a few redacted messages."""
    room = await _room(request, incident_id, actor)
    return Response(await export_of(request, room, lang), media_type="text/markdown")


async def _room(request: Request, incident_id: str, actor: Actor) -> IncidentRoom:
    room = await application_of(request).incidents.room(incident_id)
    own(actor, room.incident.community, "incident")
    return room
