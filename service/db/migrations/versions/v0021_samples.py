"""Test cases that grow from what people set, edited and refused."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE samples (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    task TEXT NOT NULL,
    status TEXT NOT NULL,
    origin TEXT NOT NULL,
    lang TEXT NOT NULL,
    text TEXT NOT NULL,
    category TEXT,
    wanted JSONB NOT NULL,
    case_id TEXT NOT NULL,
    review_task TEXT,
    proposed_by TEXT NOT NULL,
    decided_by TEXT,
    note TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_samples PRIMARY KEY (id),
    CONSTRAINT fk_samples_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_samples_community_created_at_id ON samples (community, created_at, id)",
    "CREATE INDEX ix_samples_case_id ON samples (case_id)",
    "COMMENT ON TABLE samples IS 'proposed and accepted test cases; redacted texts'",
)


def upgrade() -> None:
    """Add it."""
    for step in _STEPS:
        op.execute(step)
