"""The radar: what stands out now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from service.domain.account import Actor, Scope
from service.ports.insights import RadarView
from service.ports.jobs import Job
from service.web.api.base import documented
from service.web.api.themes import Deferred
from service.web.guard import ApiRoute, InCommunity, require
from service.web.runs import queue_run
from service.web.state import application_of

router = APIRouter(prefix="/radar", tags=["radar"], route_class=ApiRoute)


@router.get("", responses=documented(404), summary="What stands out now")
async def radar(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    min_level: Annotated[int, Query(ge=0, le=4, description="Only readings from this on.")] = 0,
) -> RadarView:
    """A reading of every series (volume, negative and severe cases, categories, themes) against the
    community's own rhythm, and the alerts that are still on. Levels: 0 calm, 1 watch, 2 raised,
    3 serious, 4 crisis. Baseline and observed count distinct authors per quarter of an hour.
    `drift` holds alarms about shares of what the service does; more under `/v1/radar/drift`."""
    application = application_of(request)
    view = await application.insights.radar(community.id, application.clock.now())
    readings = sorted(view.readings, key=lambda one: (-one.level, -one.surprise))
    kept = tuple(one for one in readings if one.level >= min_level)
    return view.model_copy(update={"readings": kept})


@router.post("/run", status_code=202, responses=documented(404), summary="Look again")
async def run(
    request: Request, community: InCommunity, _: Annotated[Actor, require(Scope.TRIAGE)]
) -> Deferred:
    """Queue one run; it comes by itself every quarter of an hour."""
    await queue_run(request, Job.RADAR, community.id)
    return Deferred(job=Job.RADAR.value, community=community.id)
