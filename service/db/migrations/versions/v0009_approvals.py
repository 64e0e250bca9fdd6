"""Approval policies of communities."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE approval_policies (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    policy JSONB NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_approval_policies PRIMARY KEY (id),
    CONSTRAINT fk_approval_policies_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_approval_policies_community_at_id ON approval_policies (community, at, id)",
)


def upgrade() -> None:
    """Add the table."""
    for step in _STEPS:
        op.execute(step)
