"""Deadlines that were missed, or nearly."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AwareDatetime

from service.domain.account import Actor, Scope
from service.domain.deadline import Breach, BreachKind
from service.domain.views import Page
from service.web.api.base import Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.state import application_of

router = APIRouter(prefix="/deadlines", tags=["routing"], route_class=ApiRoute)


@router.get("", responses=documented(404), summary="List missed deadlines")
async def deadlines(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    kind: BreachKind | None = None,
    since: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Breach]:
    """Each recorded once, newest first. Cases that are late now: `GET /v1/cases?sla=breached`."""
    queries = application_of(request).queries
    return await queries.breaches(community.id, kind=kind, since=since, cursor=cursor, limit=limit)
