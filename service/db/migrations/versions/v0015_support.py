"""What each sentence of a draft rests on; hosts a community links to, and how it says that a text
was drafted by a machine."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STEPS = (
    "ALTER TABLE drafts ADD COLUMN support JSONB DEFAULT '{}' NOT NULL",
    """
    ALTER TABLE communities
        ADD COLUMN link_allow TEXT[] DEFAULT '{}' NOT NULL,
        ADD COLUMN ai_disclosure JSONB DEFAULT '{"en": "", "zh": ""}' NOT NULL
    """,
)


def upgrade() -> None:
    """Add them; drafts made before have no ledger."""
    for step in _STEPS:
        op.execute(step)
