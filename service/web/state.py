"""What a request finds in its app: the application, the limiter, sessions, pages."""

from __future__ import annotations

from typing import cast

from fastapi import Request

from service.bootstrap import Application
from service.web.limiter import Limiter
from service.web.metrics import Metrics
from service.web.sessions import Sessions


def application_of(request: Request) -> Application:
    """The application behind this app."""
    return cast("Application", request.app.state.application)


def limiter_of(request: Request) -> Limiter:
    """The app's request counter."""
    return cast("Limiter", request.app.state.limiter)


def sessions_of(request: Request) -> Sessions:
    """The app's session cookies."""
    return cast("Sessions", request.app.state.sessions)


def metrics_of(request: Request) -> Metrics:
    """The app's metrics."""
    return cast("Metrics", request.app.state.metrics)


def client_address(request: Request) -> str:
    """The peer's address. Behind a proxy, uvicorn's `--proxy-headers` fills in the client's."""
    return request.client.host if request.client else "unknown"
