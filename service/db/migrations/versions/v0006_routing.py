"""What routing rules ask for: partners, the queue's say, rehearsals by hash."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STEPS = (
    "ALTER TABLE communities ADD COLUMN partners TEXT[] DEFAULT '{}' NOT NULL",
    "ALTER TABLE case_states ADD COLUMN pressing SMALLINT DEFAULT '0' NOT NULL",
    "CREATE INDEX ix_reports_community_hash ON reports (community, hash)",
)


def upgrade() -> None:
    """Add them."""
    for step in _STEPS:
        op.execute(step)
