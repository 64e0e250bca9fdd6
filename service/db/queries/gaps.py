"""What the rules leave open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import ARRAY, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.rows import to_model
from service.db.types import SafeText
from service.ports.insights import Gap

_GAPS = text(Path(__file__).with_name("gaps.sql").read_text(encoding="utf-8")).bindparams(
    bindparam("staff", type_=ARRAY(SafeText))
)


async def list_gaps(
    connection: AsyncConnection,
    community: str,
    since: datetime,
    refusal: str | None,
    staff: Collection[str],
    least: int,
) -> tuple[Gap, ...]:
    """See `service.ports.insights.Insights.gaps`."""
    given = {
        "community": community,
        "since": since,
        "refusal": refusal,
        "staff": list(staff),
        "least": least,
    }
    rows = (await connection.execute(_GAPS, given)).mappings()
    return tuple(to_model(Gap, row) for row in rows)
