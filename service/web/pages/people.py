"""Names behind the ids that facts carry: of people and of API keys."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from service.web.state import application_of


async def names(request: Request) -> Mapping[str, str]:
    """User id to name, and key id to the name of the key, marked as one."""
    accounts = application_of(request).accounts
    people = {user.id: user.name for user in await accounts.users()}
    return people | {key.id: f"{key.name} (API)" for key in await accounts.keys()}
