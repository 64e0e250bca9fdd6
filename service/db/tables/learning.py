"""People's corrections, the examples learned from them, and what a refit did."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import SafeText

overrides = Table(
    "overrides",
    metadata,
    key(),
    ref("case_id", "cases.id"),
    community(),
    Column("case_size", Integer, nullable=False),
    payload("change"),
    payload("before"),
    payload("seen_floors"),
    text("by"),
    text("reason"),
    moment("created_at"),
    Index(None, "case_id", "created_at"),
    Index(None, "community", "created_at", "id"),
)

refits = Table(
    "refits",
    metadata,
    key(),
    ref("community", "communities.id", null=True),
    text("verdict"),
    Column("example_ids", ARRAY(SafeText), nullable=False),
    payload("report"),
    text("by"),
    text("reason"),
    moment("created_at"),
    Index(None, "community", "created_at", "id"),
)

examples = Table(
    "examples",
    metadata,
    key(),
    ref("community", "communities.id", null=True),
    text("text"),
    text("category"),
    text("lang"),
    text("status"),
    text("origin"),
    ref("case_id", "cases.id", null=True),
    ref("override_id", "overrides.id", null=True),
    ref("refit_id", "refits.id", null=True),
    text("content_hash"),
    text("proposed_by"),
    text("decided_by", null=True),
    text("reason"),
    moment("created_at"),
    moment("decided_at", null=True),
    Index(None, "community", "created_at", "id"),
    Index("ix_examples_accepted", "community", "id", postgresql_where=sql("status = 'accepted'")),
    Index("uq_examples_live", "community", "content_hash", "status", unique=True,
          postgresql_nulls_not_distinct=True,
          postgresql_where=sql("status IN ('proposed', 'held', 'accepted')")),
)  # fmt: skip
