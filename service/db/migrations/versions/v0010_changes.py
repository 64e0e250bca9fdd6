"""Edits and withdrawals of messages, members who left."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE message_changes (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    message_id TEXT,
    case_id TEXT,
    text TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_message_changes PRIMARY KEY (id),
    CONSTRAINT fk_message_changes_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_message_changes_message_id FOREIGN KEY (message_id) REFERENCES messages (id),
    CONSTRAINT fk_message_changes_case_id FOREIGN KEY (case_id) REFERENCES cases (id)
)""",
    "CREATE INDEX ix_message_changes_message ON message_changes (message_id, at)"
    " WHERE message_id IS NOT NULL",
    "CREATE INDEX ix_message_changes_author ON message_changes (community, source, author, at)",
    "CREATE INDEX ix_messages_reply_to ON messages (community, source, reply_to)"
    " WHERE reply_to IS NOT NULL",
    "CREATE INDEX ix_messages_thread ON messages (community, source, thread, sent_at)"
    " WHERE thread IS NOT NULL",
)


def upgrade() -> None:
    """Add the table."""
    for step in _STEPS:
        op.execute(step)
