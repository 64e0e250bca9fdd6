"""What became of posts."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from service.db.tables.base import key, metadata, moment, ref, text

post_results = Table(
    "post_results",
    metadata,
    key(),
    ref("post_request_id", "post_requests.id"),
    text("metric"),
    Column("value", Integer, nullable=False),
    moment("as_of"),
    text("source"),
    text("by"),
    moment("created_at"),
    UniqueConstraint(
        "post_request_id", "metric", "as_of", "source", "value", name="uq_post_results_fact"
    ),
    Index("ix_post_results_newest", "post_request_id", "metric", "as_of", "created_at", "id"),
    comment="counts a platform or a person told of a post; appended, a repeated one adds nothing",
)
