"""Managed terms of the phrase bank, and who looked at personal data."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE bank_terms (
    id TEXT NOT NULL,
    community TEXT,
    phrase TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    floor SMALLINT,
    category TEXT,
    status TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    retired_by TEXT,
    retired_at TIMESTAMP WITH TIME ZONE,
    reason TEXT NOT NULL,
    CONSTRAINT pk_bank_terms PRIMARY KEY (id),
    CONSTRAINT fk_bank_terms_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_bank_terms_community_created_at_id ON bank_terms (community, created_at, id)",
    "CREATE INDEX ix_bank_terms_active ON bank_terms (community, id) WHERE status = 'active'",
    "CREATE UNIQUE INDEX uq_bank_terms_active ON bank_terms (community, phrase, code)"
    " NULLS NOT DISTINCT WHERE status = 'active'",
    """CREATE TABLE reveals (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    community TEXT NOT NULL,
    tokens TEXT[] NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_reveals PRIMARY KEY (id),
    CONSTRAINT fk_reveals_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_reveals_message_id FOREIGN KEY (message_id) REFERENCES messages (id),
    CONSTRAINT fk_reveals_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_reveals_community_at_id ON reveals (community, at, id)",
    "CREATE INDEX ix_reveals_case_id ON reveals (case_id)",
)


def upgrade() -> None:
    """Add the tables."""
    for step in _STEPS:
        op.execute(step)
