"""What left, what waits, what failed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.delivery import OutboxStatus
from service.errors import AppError, Conflict
from service.web.pages.links import with_cursor
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/deliveries")

PAGE = 40


@router.get("")
async def deliveries(request: Request, looking: Looking) -> Response:
    """The log, newest first."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking)


@router.post("/{entry_id}/replay")
async def replay(request: Request, entry_id: str, looking: Looking) -> Response:
    """Send a dead or held entry again."""
    looking.require(Scope.DELIVERY)
    await form_of(request, looking.session.id)
    try:
        await application_of(request).deliver.replay(looking.community.id, entry_id)
    except Conflict as error:
        return await _page(request, looking, error)
    return RedirectResponse("/deliveries", 303)


@router.post("/{entry_id}/confirm")
async def confirm(request: Request, entry_id: str, looking: Looking) -> Response:
    """The person posted a text by hand."""
    looking.require(Scope.DELIVERY)
    await form_of(request, looking.session.id)
    try:
        await application_of(request).deliver.confirm(
            looking.community.id, entry_id, looking.user.id
        )
    except Conflict as error:
        return await _page(request, looking, error)
    return RedirectResponse("/deliveries", 303)


async def _page(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
    asked = request.query_params
    status = asked.get("status") if asked.get("status") in list(OutboxStatus) else None
    page = await application_of(request).queries.deliveries(
        looking.community.id, status=status, cursor=asked.get("cursor"), limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "deliveries.html",
        http_status=status_of(error) if error else 200,
        rows=page.items,
        more=with_cursor(request, page.cursor),
        picked=status,
        statuses=tuple(OutboxStatus),
        error=error,
    )
