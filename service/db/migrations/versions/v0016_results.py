"""What became of posts, as facts."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE post_results (
    id TEXT NOT NULL,
    post_request_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    value INTEGER NOT NULL,
    as_of TIMESTAMP WITH TIME ZONE NOT NULL,
    source TEXT NOT NULL,
    by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_post_results PRIMARY KEY (id),
    CONSTRAINT uq_post_results_fact UNIQUE (post_request_id, metric, as_of, source, value),
    CONSTRAINT fk_post_results_post_request_id FOREIGN KEY (post_request_id)
        REFERENCES post_requests (id)
)""",
    "CREATE INDEX ix_post_results_newest"
    " ON post_results (post_request_id, metric, as_of, created_at, id)",
    "COMMENT ON TABLE post_results IS 'counts a platform or a person told of a post;"
    " appended, a repeated one adds nothing'",
)


def upgrade() -> None:
    """Add it."""
    for step in _STEPS:
        op.execute(step)
