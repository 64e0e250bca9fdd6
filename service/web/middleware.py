"""Around every request: body size, faults, security headers, rates and renewed cookies."""

from __future__ import annotations

import traceback
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.web.limiter import Rate
from service.web.problems import from_http, problem, unexpected

log = structlog.get_logger()

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_SECURITY = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "same-origin", not "no-referrer": with the latter browsers send `Origin: null` on forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class SecurityHeaders:
    """Adds what every answer must carry."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _decorate(MutableHeaders(scope=message), state, scope)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _decorate(headers: MutableHeaders, state: dict[str, object], scope: Scope) -> None:
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", _caching(scope))
    rate = state.get("rate")
    if isinstance(rate, Rate):
        headers.update(rate.headers)
    cookie = state.get("renewed_cookie")
    if isinstance(cookie, str):
        headers.append("Set-Cookie", cookie)


def _caching(scope: Scope) -> str:
    """Static files named with their version may be kept; others are asked for again."""
    if not scope["path"].startswith("/static/"):
        return "no-store"
    versioned = scope.get("query_string", b"").startswith(b"v=")
    return "public, max-age=31536000, immutable" if versioned else "no-cache"


class BodyLimit:
    """Refuses bodies over the limit: at once when declared, else while they stream in."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > self._limit:
            await from_http(self._too_large())(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise self._too_large()
            return message

        await self._app(scope, counted, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The body is larger than {self._limit} bytes.")


class Faults:
    """Turns what nobody expected into a 500 with an id; the log gets places, never texts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
            response = problem(400, "malformed_request", "The address holds a NUL character.")
            await response(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            error_id = _log_fault(error, scope)
            if started:
                raise RuntimeError(f"the answer broke off, see {error_id}") from None
            await unexpected(error_id)(scope, receive, send)


def _log_fault(error: Exception, scope: Scope) -> str:
    """Exception messages may quote member text, so only types and places are logged."""
    error_id = uuid.uuid4().hex[:12]
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    log.error(
        "request_failed",
        error_id=error_id,
        kind=type(error).__name__,
        method=scope["method"],
        route=getattr(scope.get("route"), "path", None),
        at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
    return error_id
