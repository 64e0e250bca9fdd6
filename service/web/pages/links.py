"""Links to other pages of the same list."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request


def with_cursor(request: Request, cursor: str | None) -> str | None:
    """This list, further on; None at the end."""
    if cursor is None:
        return None
    kept = {k: v for k, v in request.query_params.items() if k != "cursor"}
    return f"{request.url.path}?{urlencode(kept | {'cursor': cursor})}"


def query_without(request: Request, name: str) -> str:
    """This address without one parameter."""
    kept = {k: v for k, v in request.query_params.items() if k != name}
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path
