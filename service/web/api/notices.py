"""Notices to the community's own people: incidents and missed deadlines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from service.domain.account import Actor, Scope
from service.domain.notice import Notice, NoticeKind, NoticeStatus
from service.domain.views import Page
from service.web.api.base import Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.state import application_of

router = APIRouter(prefix="/notices", tags=["radar"], route_class=ApiRoute)


@router.get("", responses=documented(404), summary="List notices")
async def notices(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    kind: NoticeKind | None = None,
    status: NoticeStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Notice]:
    """What went, or should have gone, to the community's `alert_url`, newest first. `held`: no
    address was set at the time; `dead`: every try failed, `error` says how."""
    return await application_of(request).queries.notices(
        community.id, kind=kind, status=status, cursor=cursor, limit=limit
    )
