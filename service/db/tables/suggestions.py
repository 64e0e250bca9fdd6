"""Suggested entries of the FAQ."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY

from service.db.tables.base import community, key, metadata, moment, payload, text
from service.db.types import SafeText

suggestions = Table(
    "suggestions",
    metadata,
    key(),
    community(),
    text("lang"),
    text("question"),
    text("answer"),
    text("reason"),
    Column("people", Integer, nullable=False),
    payload("sources"),
    Column("case_ids", ARRAY(SafeText), nullable=False),
    text("question_hash"),
    text("status"),
    Column("number", Integer, nullable=True),
    text("decided_by", null=True),
    text("note"),
    moment("postponed_until", null=True),
    moment("created_at"),
    moment("decided_at", null=True),
    Index(None, "community", "created_at", "id"),
    Index(None, "community", "question_hash"),
    Index("ix_suggestions_case_ids", "case_ids", postgresql_using="gin"),
    Index("uq_suggestions_number", "community", "lang", "number", unique=True,
          postgresql_where=sql("number IS NOT NULL")),
    comment="entries of the FAQ suggested from approved answers; redacted texts",
)  # fmt: skip
