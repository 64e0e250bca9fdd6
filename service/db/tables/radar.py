"""What the radar counts and finds: rollups, incidents, alerts, notices."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Double,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    desc,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import SafeText

stale_buckets = Table(
    "stale_buckets",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    text("community"),
    moment("bucket"),
    comment="quarters of an hour whose facts changed; triggers append, the rollup takes them away",
)

pulses = Table(
    "pulses",
    metadata,
    ref("community", "communities.id", primary=True),
    key("kind"),
    key("key"),
    Column("bucket", moment("bucket").type, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("voices", Integer, nullable=False),
    comment="messages or cases, and their distinct authors, of each quarter of an hour; derived",
)
Index("ix_pulses_time", pulses.c.community, pulses.c.bucket)

author_days = Table(
    "author_days",
    metadata,
    ref("community", "communities.id", primary=True),
    Column("day", Date, primary_key=True),
    key("author"),
    Column("messages", Integer, nullable=False),
    Column("effective", Integer, nullable=False),
    comment="messages of each author on each local day, all and without noise; derived",
)

radar_states = Table(
    "radar_states",
    metadata,
    ref("community", "communities.id", primary=True),
    moment("at"),
    payload("readings"),
    comment="the newest readings, for pages and the API",
)

incidents = Table(
    "incidents",
    metadata,
    key(),
    community(),
    text("status"),
    Column("level", SmallInteger, nullable=False),
    moment("opened_at"),
    moment("last_at"),
    moment("acknowledged_at", null=True),
    text("acknowledged_by", null=True),
    moment("closed_at", null=True),
    text("closed_by", null=True),
    Index(None, "community", "opened_at", "id"),
)

alerts = Table(
    "alerts",
    metadata,
    key(),
    community(),
    ref("incident_id", "incidents.id", null=True),
    Column("metric", JSONB, nullable=False),
    text("finding"),
    Column("level", SmallInteger, nullable=False),
    Column("baseline", Double, nullable=False),
    Column("observed", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    Column("surprise", Double, nullable=False),
    moment("started_at"),
    moment("last_at"),
    Column("evidence", ARRAY(SafeText), nullable=False, server_default=sql("'{}'")),
    Index(None, "community", "last_at"),
    Index(None, "incident_id"),
)

incident_entries = Table(
    "incident_entries",
    metadata,
    key(),
    ref("incident_id", "incidents.id"),
    moment("at"),
    text("kind"),
    text("actor"),
    Column("level", SmallInteger, nullable=False),
    text("ref"),
    text("note"),
    Index(None, "incident_id", "at", "id"),
)

notices = Table(
    "notices",
    metadata,
    key(),
    community(),
    Column("kind", SafeText, nullable=False, server_default="incident"),
    ref("incident_id", "incidents.id", null=True),
    Column("level", SmallInteger, nullable=False),
    payload("alerts"),
    Column("breaches", JSONB, nullable=False, server_default=sql("'[]'")),
    Column("more", Integer, nullable=False, server_default="0"),
    Column("drifts", JSONB, nullable=False, server_default=sql("'[]'")),
    text("status"),
    Column("attempts", Integer, nullable=False),
    moment("next_attempt_at"),
    moment("created_at"),
    moment("sent_at", null=True),
    text("error", null=True),
    Index("ix_notices_due", "next_attempt_at", postgresql_where=sql("status = 'pending'")),
    Index("ix_notices_incident", "incident_id", desc("created_at")),
    Index(None, "community", "created_at", "id"),
)
