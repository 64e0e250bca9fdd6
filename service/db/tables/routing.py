"""Routing rules under version, what a rehearsal would change, and missed deadlines."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, SmallInteger, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from service.db.tables.base import community, key, metadata, moment, payload, ref, text

reports = Table(
    "reports",
    metadata,
    key(),
    community(),
    text("kind"),
    text("status"),
    payload("subject"),
    Column("summary", JSONB(none_as_null=True), nullable=True),
    text("hash", null=True),
    text("created_by"),
    moment("created_at"),
    moment("finished_at", null=True),
    Index(None, "community", "created_at", "id"),
    Index(None, "community", "hash"),
    comment="rehearsals on stored cases: a changed engine (shadow) or changed routing rules",
)

report_flips = Table(
    "report_flips",
    metadata,
    ref("report_id", "reports.id", primary=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    ref("case_id", "cases.id"),
    payload("before"),
    payload("after"),
    Column("confidence", Double, nullable=True),
)

routing_sets = Table(
    "routing_sets",
    metadata,
    key(),
    community(),
    Column("version", Integer, nullable=False),
    payload("rules"),
    Column("default_queue", JSONB(none_as_null=True), nullable=True),
    text("content_hash"),
    text("created_by"),
    moment("created_at"),
    UniqueConstraint("community", "version"),
)

routing_activations = Table(
    "routing_activations",
    metadata,
    key(),
    community(),
    ref("set_id", "routing_sets.id"),
    ref("report_id", "reports.id"),
    text("by"),
    moment("at"),
    Index(None, "community", "at"),
)

sla_breaches = Table(
    "sla_breaches",
    metadata,
    key(),
    ref("case_id", "cases.id"),
    community(),
    text("kind"),
    text("department", null=True),
    Column("severity", SmallInteger, nullable=True),
    moment("due_at"),
    moment("at"),
    UniqueConstraint("case_id", "due_at", "kind"),
    Index(None, "community", "at", "id"),
)
