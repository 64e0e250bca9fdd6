"""Test cases that grow from what people set, edited and refused."""

from __future__ import annotations

from sqlalchemy import Index, Table

from service.db.tables.base import community, key, metadata, moment, payload, text

samples = Table(
    "samples",
    metadata,
    key(),
    community(),
    text("task"),
    text("status"),
    text("origin"),
    text("lang"),
    text("text"),
    text("category", null=True),
    payload("wanted"),
    text("case_id"),
    text("review_task", null=True),
    text("proposed_by"),
    text("decided_by", null=True),
    text("note"),
    moment("created_at"),
    moment("decided_at", null=True),
    Index(None, "community", "created_at", "id"),
    Index(None, "case_id"),
    comment="proposed and accepted test cases; redacted texts",
)
