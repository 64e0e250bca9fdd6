"""Where a page stands that answers a form."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.routing import Match


def here_of(request: Request) -> str:
    """The request's path where it can be opened, else the nearest one above that can: what a form
    was sent to answers a refused form, and is no address to come back to."""
    path = request.url.path
    while request.method == "POST" and path and not _opens(request, path):
        path = path.rpartition("/")[0]
    return path or "/"


def _opens(request: Request, path: str) -> bool:
    app: FastAPI = request.app
    scope = {**request.scope, "method": "GET", "path": path, "raw_path": path.encode()}
    return any(route.matches(scope)[0] is Match.FULL for route in app.routes)
