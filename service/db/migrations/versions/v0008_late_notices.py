"""Notices also tell of deadlines that were missed, or nearly."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STEPS = (
    "ALTER TABLE notices ALTER COLUMN incident_id DROP NOT NULL",
    "ALTER TABLE notices ADD COLUMN kind TEXT DEFAULT 'incident' NOT NULL",
    "ALTER TABLE notices ADD COLUMN breaches JSONB DEFAULT '[]' NOT NULL",
    "ALTER TABLE notices ADD COLUMN more INTEGER DEFAULT '0' NOT NULL",
    "CREATE INDEX ix_notices_community_created_at_id ON notices (community, created_at, id)",
)


def upgrade() -> None:
    """Widen the table."""
    for step in _STEPS:
        op.execute(step)
