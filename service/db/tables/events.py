"""Events a community holds."""

from __future__ import annotations

from sqlalchemy import Index, Table

from service.db.tables.base import community, key, metadata, moment, payload, text

events = Table(
    "events",
    metadata,
    key(),
    community(),
    payload("details"),
    moment("start"),
    text("created_by"),
    moment("created_at"),
    text("changed_by", null=True),
    moment("changed_at", null=True),
    Index(None, "community", "start", "id"),
)
