"""What people say of duplicates, which link holds a case in its group, and whether a community lets
a model label what the heads leave open."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STEPS = (
    """
    CREATE TABLE duplicate_links (
        id TEXT NOT NULL,
        community TEXT NOT NULL,
        first_id TEXT NOT NULL,
        second_id TEXT NOT NULL,
        verdict TEXT NOT NULL,
        by TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_duplicate_links PRIMARY KEY (id),
        CONSTRAINT fk_duplicate_links_community
            FOREIGN KEY (community) REFERENCES communities (id),
        CONSTRAINT fk_duplicate_links_first_id
            FOREIGN KEY (first_id) REFERENCES cases (id),
        CONSTRAINT fk_duplicate_links_second_id
            FOREIGN KEY (second_id) REFERENCES cases (id)
    )
    """,
    "CREATE INDEX ix_duplicate_links_first_id ON duplicate_links (first_id)",
    "CREATE INDEX ix_duplicate_links_second_id ON duplicate_links (second_id)",
    """
    COMMENT ON TABLE duplicate_links IS
        'what people say of two cases; the newest word on a pair is in force'
    """,
    "ALTER TABLE case_states ADD COLUMN duplicate_of TEXT, ADD COLUMN duplicate_kind TEXT",
    """
    UPDATE case_states s
    SET duplicate_of = t.duplicate_of ->> 'case_id', duplicate_kind = t.duplicate_of ->> 'kind'
    FROM triages t
    WHERE t.id = s.triage_id AND t.duplicate_of IS NOT NULL
    """,
    """
    CREATE INDEX ix_case_states_groups ON case_states (community, duplicate_root DESC)
        WHERE duplicate_root IS NOT NULL
    """,
    """
    CREATE INDEX ix_case_states_earlier ON case_states (duplicate_of)
        WHERE duplicate_of IS NOT NULL
    """,
    "ALTER TABLE communities ADD COLUMN ask_model BOOLEAN DEFAULT true NOT NULL",
)


def upgrade() -> None:
    """Add them; what triage found before stays."""
    for step in _STEPS:
        op.execute(step)
