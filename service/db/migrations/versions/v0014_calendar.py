"""Channels and the calendar: series of posts, what they made, posts that were moved."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STEPS = (
    "ALTER TABLE communities ADD COLUMN channels JSONB DEFAULT '[]' NOT NULL",
    "ALTER TABLE communities ADD COLUMN feed_hash TEXT",
    """CREATE TABLE post_series (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    plan JSONB NOT NULL,
    timezone TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_by TEXT,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_post_series PRIMARY KEY (id),
    CONSTRAINT fk_post_series_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_post_series_running ON post_series (community, id) WHERE ended_at IS NULL",
    """CREATE TABLE series_posts (
    series_id TEXT NOT NULL,
    occurrence TIMESTAMP WITH TIME ZONE NOT NULL,
    post_request_id TEXT NOT NULL,
    CONSTRAINT pk_series_posts PRIMARY KEY (series_id, occurrence),
    CONSTRAINT fk_series_posts_series_id FOREIGN KEY (series_id) REFERENCES post_series (id),
    CONSTRAINT fk_series_posts_post_request_id FOREIGN KEY (post_request_id)
        REFERENCES post_requests (id)
)""",
    "CREATE INDEX ix_series_posts_post_request_id ON series_posts (post_request_id)",
    """CREATE TABLE post_moves (
    id TEXT NOT NULL,
    post_request_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE,
    by TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_post_moves PRIMARY KEY (id),
    CONSTRAINT fk_post_moves_post_request_id FOREIGN KEY (post_request_id)
        REFERENCES post_requests (id)
)""",
    "CREATE INDEX ix_post_moves_post_request_id_created_at_id"
    " ON post_moves (post_request_id, created_at, id)",
)


def upgrade() -> None:
    """Add them."""
    for step in _STEPS:
        op.execute(step)
