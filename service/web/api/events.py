"""Events: write down, correct, list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from service.domain.account import Actor, Scope
from service.domain.event import Event, EventDetails
from service.domain.views import Page
from service.errors import NotFound
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, find_community, own, require
from service.web.state import application_of

router = APIRouter(prefix="/events", tags=["events"], route_class=ApiRoute)

_EXAMPLE: JsonDict = {
    "name": "四月读书夜",
    "start": "2026-04-11T19:00:00+08:00",
    "end": "2026-04-11T21:00:00+08:00",
    "announced_at": "2026-04-06T12:00:00+08:00",
    "registered": 60,
}

Reader = Annotated[Actor, require(Scope.CASES_READ)]
Editor = Annotated[Actor, require(Scope.POSTS_WRITE)]


class NewEvent(Body):
    """An event of one community."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"community": "zhujian", "event": _EXAMPLE}]}
    )

    community: str = Field(min_length=1, max_length=64)
    event: EventDetails


class EventChange(Body):
    """All that is known of an event now."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event": {**_EXAMPLE, "attended": 41}}]}
    )

    event: EventDetails


@router.post("", status_code=201, responses=documented(404, body=True), summary="Add an event")
async def add(request: Request, body: NewEvent, actor: Editor) -> Event:
    """What messages tell of it is `GET /v1/facts` with the groups `event_funnel`, `comparables`
    and `hypotheses`, its id as `subject`."""
    community = await find_community(request, actor, body.community)
    return await application_of(request).events.add(community.id, body.event, by=actor.id)


@router.get("", responses=documented(404), summary="List events")
async def events(
    request: Request, community: InCommunity, _: Reader, cursor: Cursor = None, limit: Limit = 50
) -> Page[Event]:
    """The one that began last first."""
    return await application_of(request).queries.events(community.id, cursor=cursor, limit=limit)


@router.get("/{event_id}", responses=documented(404), summary="Read an event")
async def read(request: Request, event_id: str, actor: Reader) -> Event:
    """As it was written down, with who corrected it last."""
    return await _find(request, event_id, actor)


@router.put("/{event_id}", responses=documented(404, body=True), summary="Correct an event")
async def change(request: Request, event_id: str, body: EventChange, actor: Editor) -> Event:
    """Replaces what was said of it; again changes nothing."""
    await _find(request, event_id, actor)
    return await application_of(request).events.change(event_id, body.event, by=actor.id)


async def _find(request: Request, event_id: str, actor: Actor) -> Event:
    async with application_of(request).uow() as uow:
        event = await uow.events.get(event_id)
    if event is None:
        raise NotFound("There is no such event.")
    own(actor, event.community, "event")
    return event
