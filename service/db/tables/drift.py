"""What moved in what the service does."""

from __future__ import annotations

from sqlalchemy import Column, Index, SmallInteger, Table
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import SafeText

drift_states = Table(
    "drift_states",
    metadata,
    ref("community", "communities.id", primary=True),
    moment("at"),
    payload("shifts"),
    comment="what the newest run compared, for pages and the API",
)

drift_alarms = Table(
    "drift_alarms",
    metadata,
    key(),
    community(),
    text("measure"),
    Column("level", SmallInteger, nullable=False),
    payload("shift"),
    Column("causes", JSONB, nullable=False, server_default=sql("'[]'")),
    Column("evidence", ARRAY(SafeText), nullable=False, server_default=sql("'{}'")),
    moment("started_at"),
    moment("last_at"),
    moment("closed_at", null=True),
    text("closed_by", null=True),
    text("note"),
    Index(None, "community", "started_at", "id"),
)
