"""The review queue."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.domain.account import Scope
from service.domain.draft import DraftKind
from service.domain.review import TaskStatus
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking

router = APIRouter()

PAGE = 40


@router.get("/queue")
async def queue(request: Request, looking: Looking) -> Response:
    """Undecided tasks, most pressing first."""
    looking.require(Scope.CASES_READ)
    asked = request.query_params
    kind = asked.get("kind") if asked.get("kind") in list(DraftKind) else None
    status = asked.get("status") if asked.get("status") in list(TaskStatus) else None
    application = application_of(request)
    page = await application.queries.queue(
        looking.community.id, kind=kind, status=status, cursor=asked.get("cursor"), limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "queue.html",
        rows=page.items,
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if asked.get("cursor") else None,
        kind=kind,
        status=status,
        kinds=tuple(DraftKind),
        statuses=tuple(TaskStatus),
        names=await names(request),
        counts=await application.queries.counts(looking.community.id),
        has_model=application.chat is not None,
    )
