"""Comparisons with production, and what went past the gate."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table
from sqlalchemy.dialects.postgresql import JSONB

from service.db.tables.base import key, metadata, moment, payload, ref, text

evaluations = Table(
    "evaluations",
    metadata,
    key(),
    text("kind"),
    text("name"),
    ref("community", "communities.id", null=True),
    text("version"),
    text("candidate_hash"),
    text("baseline_hash"),
    text("status"),
    Column("findings", JSONB(none_as_null=True), nullable=True),
    text("failure"),
    payload("trial"),
    text("requested_by"),
    moment("created_at"),
    moment("started_at", null=True),
    moment("finished_at", null=True),
    Index(None, "kind", "name", "candidate_hash"),
    Index(None, "created_at", "id"),
    comment="comparisons of a change with production; what is done or failed never changes",
)

promotions = Table(
    "promotions",
    metadata,
    key(),
    text("kind"),
    text("name"),
    ref("community", "communities.id", null=True),
    text("version"),
    text("candidate_hash"),
    text("baseline_hash"),
    text("basis"),
    ref("evaluation_id", "evaluations.id", null=True),
    text("reason"),
    text("by"),
    moment("created_at"),
    text("content", null=True),
    Index(None, "kind", "name", "created_at", "id"),
    Index(None, "evaluation_id"),
    comment="what went into production, and why it might; appended",
)
