"""Events."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE events (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    details JSONB NOT NULL,
    start TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_by TEXT,
    changed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT fk_events_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_events_community_start_id ON events (community, start, id)",
)


def upgrade() -> None:
    """Add the table."""
    for step in _STEPS:
        op.execute(step)
