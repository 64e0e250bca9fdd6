"""Posts by the time they are due."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain.calendar import Entry, EntryState
from service.domain.delivery import OutboxStatus
from service.domain.review import Verdict

_ENTRIES = text(Path(__file__).with_name("calendar.sql").read_text(encoding="utf-8"))

_OUTBOX = {
    OutboxStatus.PENDING: EntryState.APPROVED,
    OutboxStatus.HELD: EntryState.APPROVED,
    OutboxStatus.DELIVERED: EntryState.DELIVERED,
    OutboxStatus.CANCELLED: EntryState.CANCELLED,
    OutboxStatus.DEAD: EntryState.FAILED,
}


async def list_entries(
    connection: AsyncConnection, community: str, since: datetime, until: datetime
) -> tuple[Entry, ...]:
    """Posts due in the time, by time; at most a thousand."""
    given = {"community": community, "since": since, "until": until}
    rows = (await connection.execute(_ENTRIES, given)).mappings()
    return tuple(_entry(row) for row in rows)


def _entry(row: RowMapping) -> Entry:
    names = ("id", "post_request_id", "series_id", "task_id", "title", "kind", "channel", "at")
    return Entry(**{name: row[name] for name in names}, state=_state(row))


def _state(row: RowMapping) -> EntryState:
    if row["outbox_status"] is not None:
        return _OUTBOX[OutboxStatus(row["outbox_status"])]
    if row["called_off"]:
        return EntryState.CANCELLED
    if row["verdict"] == Verdict.REJECT:
        return EntryState.REJECTED
    return EntryState.REVIEW if row["drafted"] else EntryState.DRAFTING
