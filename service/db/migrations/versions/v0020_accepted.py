"""What was accepted of a taxonomy or of limits is kept, to compare the next with."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; prompts, terms and documents keep theirs elsewhere."""
    op.execute("ALTER TABLE promotions ADD COLUMN content TEXT")
