"""Themes: what many cases are about."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from service.domain.account import Actor, Scope
from service.domain.views import ThemeRow
from service.ports.jobs import Job
from service.web.api.base import documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.state import application_of

router = APIRouter(prefix="/themes", tags=["themes"], route_class=ApiRoute)


class Deferred(BaseModel):
    """A job was queued; its result appears where one reads."""

    job: str
    community: str


@router.get("", responses=documented(404), summary="Themes of the newest run")
async def themes(
    request: Request, community: InCommunity, _: Annotated[Actor, require(Scope.CASES_READ)]
) -> tuple[ThemeRow, ...]:
    """Largest first; empty before the first run."""
    return await application_of(request).queries.themes(community.id)


@router.post("/run", status_code=202, responses=documented(404), summary="Cluster again")
async def run(
    request: Request, community: InCommunity, _: Annotated[Actor, require(Scope.TRIAGE)]
) -> Deferred:
    """Queue one clustering of the community's cases; a second call while one waits does nothing."""
    async with application_of(request).uow() as uow:
        await uow.jobs.defer(Job.THEMES, {"community": community.id}, key=f"themes:{community.id}")
        await uow.commit()
    return Deferred(job=Job.THEMES.value, community=community.id)
