"""Drafts, review, posts and delivery."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Computed,
    Double,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    desc,
    literal_column,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import SafeText

_UNDECIDED = sql("status IN ('open', 'claimed')")

post_requests = Table(
    "post_requests",
    metadata,
    key(),
    community(),
    payload("brief"),
    text("requested_by"),
    moment("created_at"),
    Index(None, "community", "created_at", "id"),
)

draft_contexts = Table(
    "draft_contexts",
    metadata,
    key(),
    community(),
    ref("case_id", "cases.id", null=True),
    ref("post_request_id", "post_requests.id", null=True),
    payload("payload"),
    Column("template_hash", SafeText, Computed("payload #>> '{template,hash}'", persisted=True)),
    moment("created_at"),
    Index(None, "template_hash", "created_at"),
)

drafts = Table(
    "drafts",
    metadata,
    key(),
    community(),
    text("kind"),
    ref("context_id", "draft_contexts.id"),
    ref("case_id", "cases.id", null=True),
    ref("post_request_id", "post_requests.id", null=True),
    text("lang"),
    payload("composition"),
    payload("findings"),
    Column("support", JSONB, nullable=False, server_default=sql("'{}'")),
    ref("supersedes", "drafts.id", null=True),
    moment("created_at"),
    Index(None, "context_id"),
    Index(None, "case_id", "created_at"),
    Index(None, "post_request_id", "created_at"),
    Index("ix_drafts_time", "community", "created_at"),
)

revisions = Table(
    "revisions",
    metadata,
    ref("draft_id", "drafts.id", primary=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    text("text"),
    text("hash"),
    text("origin"),
    text("author"),
    moment("created_at"),
)

review_tasks = Table(
    "review_tasks",
    metadata,
    key(),
    community(),
    ref("draft_id", "drafts.id"),
    text("kind"),
    ref("case_id", "cases.id", null=True),
    text("status"),
    Column("priority", Double, nullable=False),
    text("claimed_by", null=True),
    moment("claim_expires_at", null=True),
    moment("created_at"),
    Index(None, "case_id"),
    Index(None, "draft_id"),
    Index("uq_review_tasks_undecided", "draft_id", unique=True, postgresql_where=_UNDECIDED),
    Index("ix_review_tasks_queue", "community", desc("priority"), "id",
          postgresql_where=_UNDECIDED),
    Index("ix_review_tasks_queue_kind", "community", "kind", desc("priority"), "id",
          postgresql_where=_UNDECIDED),
    Index("ix_review_tasks_status", "community", "status", desc("priority"), "id"),
)  # fmt: skip

UNDECIDED: ColumnElement[bool] = review_tasks.c.status.in_(
    [literal_column("'open'"), literal_column("'claimed'")]
)
"""Tasks that wait for a person; written out, so that the partial indexes fit."""

decisions = Table(
    "decisions",
    metadata,
    key(),
    community(),
    ref("task_id", "review_tasks.id"),
    ref("draft_id", "drafts.id"),
    text("verdict"),
    text("reviewer"),
    Column("revision_number", Integer, nullable=False),
    text("revision_hash"),
    text("reason", null=True),
    text("note"),
    moment("decided_at"),
    moment("undone_at", null=True),
    Index("uq_decisions_in_force", "task_id", unique=True,
          postgresql_where=sql("undone_at IS NULL")),
    Index(None, "draft_id"),
    Index("ix_decisions_time", "community", "decided_at"),
)  # fmt: skip

approval_policies = Table(
    "approval_policies",
    metadata,
    key(),
    community(),
    payload("policy"),
    text("by"),
    text("reason"),
    moment("at"),
    Index(None, "community", "at", "id"),
)

outbox_entries = Table(
    "outbox_entries",
    metadata,
    key(),
    community(),
    ref("decision_id", "decisions.id"),
    text("kind"),
    payload("payload"),
    text("status"),
    moment("not_before"),
    Column("attempts", Integer, nullable=False),
    moment("next_attempt_at"),
    moment("created_at"),
    moment("delivered_at", null=True),
    UniqueConstraint("decision_id"),
    Index("ix_outbox_entries_due", "next_attempt_at",
          postgresql_where=sql("status = 'pending'")),
    Index(None, "community", "created_at", "id"),
    Index(None, "community", "status", "created_at", "id"),
)  # fmt: skip

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    key(),
    ref("entry_id", "outbox_entries.id"),
    Column("number", Integer, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("status_code", Integer, nullable=True),
    text("error", null=True),
    Column("latency_ms", Integer, nullable=False),
    moment("at"),
    Index(None, "entry_id", "number"),
)
