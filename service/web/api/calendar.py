"""The calendar: what is due when, series that repeat, posts that move."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.calendar import Entry, Series, SeriesPlan
from service.errors import NotFound
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, InCommunity, find_community, own, require
from service.web.state import application_of

router = APIRouter(prefix="/calendar", tags=["posts"], route_class=ApiRoute)

Editor = Annotated[Actor, require(Scope.POSTS_WRITE)]

_PLAN: dict[str, Any] = {
    "community": "zhujian",
    "plan": {
        "brief": {"kind": "weekly_report", "lang": "zh", "title": "本周社群周报"},
        "repeat": {"every": "week", "weekdays": [0]},
        "first": "2026-03-02T10:00:00",
        "period": "week",
        "lead_hours": 24,
    },
}


class NewSeries(Body):
    """A post that repeats."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PLAN]})

    community: str = Field(min_length=1, max_length=64)
    plan: SeriesPlan


class Entries(BaseModel):
    """What is due, by time."""

    entries: tuple[Entry, ...]


@router.get("", responses=documented(404), summary="What is due when")
async def calendar(
    request: Request,
    community: InCommunity,
    _: Editor,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Entries:
    """Posts and coming occurrences of series, each with what speaks against its time; the next four
    weeks unless asked otherwise, at most 400 days."""
    application = application_of(request)
    start = since or application.clock.now()
    end = until or start + timedelta(weeks=4)
    return Entries(entries=await application.calendar.view(community, start, end))


@router.get("/series", responses=documented(404), summary="List series")
async def series(request: Request, community: InCommunity, _: Editor) -> tuple[Series, ...]:
    """Those that run."""
    return await application_of(request).calendar.series(community.id)


@router.post(
    "/series", status_code=201, responses=documented(404, body=True), summary="Start a series"
)
async def start(request: Request, body: NewSeries, actor: Editor) -> Series:
    """Its posts are drafted `lead_hours` before they are due and wait for review like any other."""
    community = await find_community(request, actor, body.community)
    return await application_of(request).calendar.plan(community.id, body.plan, actor.id)


@router.post("/series/{series_id}/end", responses=documented(404), summary="End a series")
async def end(request: Request, series_id: str, actor: Editor) -> Series:
    """No further posts; those made stay."""
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.calendar.series(series_id)
    if found is None:
        raise NotFound("There is no such series.")
    own(actor, found.community, "series")
    return await application.calendar.end(series_id, actor.id)
