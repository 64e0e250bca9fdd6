"""Managed terms of the phrase bank, and who looked at personal data."""

from __future__ import annotations

from sqlalchemy import Column, Index, SmallInteger, Table
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY

from service.db.tables.base import community, key, metadata, moment, ref, text
from service.db.types import SafeText

bank_terms = Table(
    "bank_terms",
    metadata,
    key(),
    ref("community", "communities.id", null=True),
    text("phrase"),
    text("kind"),
    text("code"),
    Column("floor", SmallInteger),
    text("category", null=True),
    text("status"),
    text("created_by"),
    moment("created_at"),
    text("retired_by", null=True),
    moment("retired_at", null=True),
    text("reason"),
    Index(None, "community", "created_at", "id"),
    Index("ix_bank_terms_active", "community", "id", postgresql_where=sql("status = 'active'")),
    Index("uq_bank_terms_active", "community", "phrase", "code", unique=True,
          postgresql_nulls_not_distinct=True, postgresql_where=sql("status = 'active'")),
)  # fmt: skip

reveals = Table(
    "reveals",
    metadata,
    key(),
    ref("case_id", "cases.id"),
    ref("message_id", "messages.id"),
    community(),
    Column("tokens", ARRAY(SafeText), nullable=False),
    text("by"),
    text("reason"),
    moment("at"),
    Index(None, "community", "at", "id"),
    Index(None, "case_id"),
)
