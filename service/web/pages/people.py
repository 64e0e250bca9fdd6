"""Names behind the ids that facts carry."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from service.web.state import application_of


async def names(request: Request) -> Mapping[str, str]:
    """User id to name."""
    return {user.id: user.name for user in await application_of(request).accounts.users()}
