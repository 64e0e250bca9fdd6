"""Logging in by password or one-time link, and out."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import User
from service.errors import NotAuthenticated, NotPermitted
from service.web.pages.home import safe_path
from service.web.render import pages_of
from service.web.sessions import COOKIE, VISITOR_COOKIE
from service.web.state import application_of, client_address, limiter_of, sessions_of
from service.web.viewer import Looking, cookie_header, form_of, guest_lang

router = APIRouter()

_VISIT_S = 3600


@router.get("/login")
async def form(request: Request, next: str = "/queue") -> Response:
    """The log-in form."""
    return _form(request, next=safe_path(next))


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Check name and password; wrong ones get the form again."""
    fields = await _visitor_form(request)
    name, target = fields.get("name", ""), safe_path(fields.get("next"))
    await limiter_of(request).login(client_address(request), name)
    try:
        user = await application_of(request).accounts.log_in(name, fields.get("password", ""))
    except NotAuthenticated:
        return _form(request, status=401, next=target, name=name[:64], wrong=True)
    return _welcome(request, user, target)


@router.get("/login/{token}")
async def link(request: Request, token: str) -> Response:
    """A button, not a login: previews of the link in chats must not use it up."""
    return _form(request, template="login_link.html", token=token)


@router.post("/login/{token}")
async def use_link(request: Request, token: str) -> Response:
    """Log in by a one-time link."""
    await _visitor_form(request)
    await limiter_of(request).login(client_address(request), None)
    try:
        user = await application_of(request).accounts.use_link(token)
    except NotAuthenticated:
        return _form(request, status=401, next="/queue", used=True)
    return _welcome(request, user, "/queue")


@router.post("/logout")
async def log_out(request: Request, looking: Looking) -> Response:
    """End the session in this browser."""
    await form_of(request, looking.session.id)
    response = RedirectResponse("/login", 303)
    response.headers.append("Set-Cookie", cookie_header(request, COOKIE, "", 0))
    return response


def _form(
    request: Request, *, template: str = "login.html", status: int = 200, **values: Any
) -> Response:
    visitor = request.cookies.get(VISITOR_COOKIE) or secrets.token_urlsafe(16)
    shown = {"next": "/queue", "name": "", "wrong": False, "used": False} | values
    shown["token_field"] = sessions_of(request).form_token(f"visitor:{visitor}")
    response = pages_of(request).guest(
        request, guest_lang(request), template, http_status=status, **shown
    )
    header = cookie_header(request, VISITOR_COOKIE, visitor, _VISIT_S)
    response.headers.append("Set-Cookie", header)
    return response


async def _visitor_form(request: Request) -> dict[str, str]:
    visitor = request.cookies.get(VISITOR_COOKIE)
    if not visitor:
        raise NotPermitted("This page is out of date; reload it and try again.")
    return await form_of(request, f"visitor:{visitor}")


def _welcome(request: Request, user: User, target: str) -> Response:
    sessions = sessions_of(request)
    response = RedirectResponse(target, 303)
    life, value = int(sessions.life.total_seconds()), sessions.write(sessions.open(user))
    response.headers.append("Set-Cookie", cookie_header(request, COOKIE, value, life))
    response.headers.append("Set-Cookie", cookie_header(request, VISITOR_COOKIE, "", 0))
    return response
