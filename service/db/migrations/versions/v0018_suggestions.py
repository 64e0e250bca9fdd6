"""Suggested entries of the FAQ."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE suggestions (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    lang TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    reason TEXT NOT NULL,
    people INTEGER NOT NULL,
    sources JSONB NOT NULL,
    case_ids TEXT[] NOT NULL,
    question_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    number INTEGER,
    decided_by TEXT,
    note TEXT NOT NULL,
    postponed_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_suggestions PRIMARY KEY (id),
    CONSTRAINT fk_suggestions_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_suggestions_community_created_at_id"
    " ON suggestions (community, created_at, id)",
    "CREATE INDEX ix_suggestions_community_question_hash ON suggestions (community, question_hash)",
    "CREATE INDEX ix_suggestions_case_ids ON suggestions USING gin (case_ids)",
    "CREATE UNIQUE INDEX uq_suggestions_number ON suggestions (community, lang, number)"
    " WHERE number IS NOT NULL",
    "COMMENT ON TABLE suggestions IS 'entries of the FAQ suggested from approved answers;"
    " redacted texts'",
)


def upgrade() -> None:
    """Add it."""
    for step in _STEPS:
        op.execute(step)
