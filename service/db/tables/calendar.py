"""The calendar: series of posts, what they made, and posts that were moved."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table
from sqlalchemy import text as sql

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import Moment

post_series = Table(
    "post_series",
    metadata,
    key(),
    community(),
    payload("plan"),
    text("timezone"),
    text("created_by"),
    moment("created_at"),
    text("ended_by", null=True),
    moment("ended_at", null=True),
    Index("ix_post_series_running", "community", "id", postgresql_where=sql("ended_at IS NULL")),
)

series_posts = Table(
    "series_posts",
    metadata,
    ref("series_id", "post_series.id", primary=True),
    Column("occurrence", Moment, primary_key=True),
    ref("post_request_id", "post_requests.id"),
    Index(None, "post_request_id"),
)

post_moves = Table(
    "post_moves",
    metadata,
    key(),
    ref("post_request_id", "post_requests.id"),
    moment("at", null=True),
    text("by"),
    text("note"),
    moment("created_at"),
    Index(None, "post_request_id", "created_at", "id"),
)
