"""Shares that moved: what was compared last, alarms, closing one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from service.domain.account import Actor, Scope
from service.domain.base import Bilingual, Instant
from service.domain.drift import DriftAlarm, Shift
from service.domain.views import Page
from service.ports.jobs import Job
from service.web.api.base import Cursor, Limit, documented
from service.web.api.incidents import NoteBody
from service.web.api.themes import Deferred
from service.web.drift_texts import both
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.runs import queue_run
from service.web.state import application_of

router = APIRouter(prefix="/radar/drift", tags=["radar"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]


class ToldAlarm(BaseModel):
    """An alarm, with what moved as a sentence in both languages."""

    alarm: DriftAlarm
    reason: Bilingual


class DriftNow(BaseModel):
    """Every comparison of the newest run, also the calm ones, and the alarms that go on."""

    at: Instant | None
    shifts: tuple[Shift, ...]
    alarms: tuple[ToldAlarm, ...]


@router.get("", responses=documented(404), summary="Which shares moved")
async def drift(request: Request, community: InCommunity, _: Reader) -> DriftNow:
    """The last 24 hours and 7 days against the 28 days before, or the time since the last change
    people made, once that is a week: categories, abstention, stated confidence, languages, kinds
    of refusal, unsupported claims, and what people made of drafts. Each author counts once a day
    and share. A measure that is missing holds too little to compare. `level`: 0 calm, 1 watch,
    2 raised, 3 serious. `causes` are changes in that time, not proof."""
    application = application_of(request)
    view = await application.insights.drift(community.id, application.clock.now())
    told = tuple(ToldAlarm(alarm=one, reason=both(request, one)) for one in view.alarms)
    return DriftNow(at=view.at, shifts=view.shifts, alarms=told)


@router.get("/alarms", responses=documented(404), summary="List drift alarms")
async def alarms(
    request: Request, community: InCommunity, _: Reader, cursor: Cursor = None, limit: Limit = 50
) -> Page[ToldAlarm]:
    """Newest first, also what is over or closed."""
    found = await application_of(request).insights.drift_alarms(
        community.id, cursor=cursor, limit=limit
    )
    told = tuple(ToldAlarm(alarm=one, reason=both(request, one)) for one in found.items)
    return Page[ToldAlarm](items=told, cursor=found.cursor)


@router.post("/run", status_code=202, responses=documented(404), summary="Compare again")
async def run(
    request: Request, community: InCommunity, _: Annotated[Actor, require(Scope.TRIAGE)]
) -> Deferred:
    """Queue one run; it comes by itself every hour."""
    await queue_run(request, Job.DRIFT, community.id)
    return Deferred(job=Job.DRIFT.value, community=community.id)


@router.post(
    "/alarms/{alarm_id}/close",
    responses=documented(404, 409, body=True),
    summary="Close a drift alarm",
)
async def close(
    request: Request,
    alarm_id: str,
    body: NoteBody,
    actor: Annotated[Actor, require(Scope.REVIEW)],
) -> ToldAlarm:
    """Say that you know of it: what moved is the rule from then on, and the measure is compared
    again when it holds a week of it. Again changes nothing."""
    flow = application_of(request).drift
    own(actor, (await flow.alarm(alarm_id)).community, "alarm")
    after = await flow.close(alarm_id, actor.id, body.note)
    return ToldAlarm(alarm=after, reason=both(request, after))
