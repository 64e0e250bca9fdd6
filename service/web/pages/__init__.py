"""Server-rendered pages: usable without JavaScript, faster with it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from service.errors import AppError, NotAuthenticated
from service.web.pages import (
    approvals,
    bank,
    bulk,
    calendar,
    cases,
    compare,
    deliveries,
    documents,
    evaluations,
    events,
    examples,
    gaps,
    home,
    knowledge,
    labels,
    login,
    overrides,
    posts,
    previews,
    prompts,
    queue,
    radar,
    reference,
    routing,
    samples,
    settings,
    task,
    themes,
    trends,
    usage,
)
from service.web.problems import headers_of, status_of
from service.web.render import pages_of
from service.web.viewer import guest_lang, viewer

_PAGES = (
    home,
    login,
    bulk,
    queue,
    task,
    compare,
    cases,
    overrides,
    themes,
    radar,
    trends,
    events,
    gaps,
    examples,
    labels,
    bank,
    routing,
    prompts,
    evaluations,
    samples,
    previews,
    approvals,
    documents,
    knowledge,
    posts,
    calendar,
    deliveries,
    settings,
    usage,
    reference,
)


def router() -> APIRouter:
    """Every page."""
    pages = APIRouter()
    for page in _PAGES:
        pages.include_router(page.router)
    return pages


async def failed(request: Request, error: AppError) -> Response:
    """An expected error as a page; strangers are sent to the log-in."""
    if isinstance(error, NotAuthenticated) and not request.url.path.startswith("/login"):
        back = quote(request.url.path) if request.method == "GET" else "/queue"
        return RedirectResponse(f"/login?next={back}", 303)
    response = await _page(request, status_of(error), error.code, error.message)
    response.headers.update(headers_of(error))
    return response


async def failed_http(request: Request, error: HTTPException) -> Response:
    """What the framework refused, as a page."""
    code = "not_found" if error.status_code == 404 else "malformed_request"
    return await _page(request, error.status_code, code, "")


async def _page(request: Request, status: int, code: str, detail: str) -> Response:
    pages = pages_of(request)
    shown: dict[str, Any] = {"status": status, "code": code, "detail": detail}
    try:
        looking = await viewer(request)
    except AppError:
        return pages.guest(request, guest_lang(request), "error.html", http_status=status, **shown)
    return pages.page(request, looking, "error.html", http_status=status, **shown)
