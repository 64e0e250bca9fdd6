"""Drafts with the decisions that closed them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.rows import to_model
from service.domain.draft import Origin
from service.domain.quality import DecidedText

_DECIDED = text(Path(__file__).with_name("decided.sql").read_text(encoding="utf-8"))


async def list_decided(
    connection: AsyncConnection, community: str, origin: Origin, since: datetime, limit: int
) -> tuple[DecidedText, ...]:
    """Newest first."""
    given = {"community": community, "origin": origin.value, "since": since, "limit": limit}
    rows = (await connection.execute(_DECIDED, given)).mappings()
    return tuple(to_model(DecidedText, row) for row in rows)
