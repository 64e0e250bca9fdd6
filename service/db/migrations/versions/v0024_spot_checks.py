"""A share of what the service really said, drawn to be judged by people."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE spot_checks (
    ref TEXT NOT NULL,
    community TEXT NOT NULL,
    about TEXT NOT NULL,
    draft_id TEXT,
    triage_id TEXT,
    case_id TEXT NOT NULL,
    lang TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    drawn_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_spot_checks PRIMARY KEY (ref),
    CONSTRAINT fk_spot_checks_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_spot_checks_draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id),
    CONSTRAINT fk_spot_checks_triage_id FOREIGN KEY (triage_id) REFERENCES triages (id),
    CONSTRAINT fk_spot_checks_case_id FOREIGN KEY (case_id) REFERENCES cases (id)
)""",
    "CREATE INDEX ix_spot_checks_community_made_at ON spot_checks (community, made_at)",
    "CREATE INDEX ix_spot_checks_case_id ON spot_checks (case_id)",
    "COMMENT ON TABLE spot_checks IS 'appended; ids of what was drawn, no text'",
    """CREATE TABLE spot_draws (
    community TEXT NOT NULL,
    about TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    made INTEGER NOT NULL,
    drawn INTEGER NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    most INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_spot_draws PRIMARY KEY (community, about, since),
    CONSTRAINT fk_spot_draws_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "COMMENT ON TABLE spot_draws IS 'appended; a day that is here is not drawn from again'",
    # Rows come in the order of time: a few pages of summary find a day among millions.
    "CREATE INDEX ix_triages_made ON triages USING brin (created_at)",
    "ALTER TABLE label_items ADD COLUMN triage_id TEXT"
    " CONSTRAINT fk_label_items_triage_id REFERENCES triages (id)",
)


def upgrade() -> None:
    """Add them."""
    for step in _STEPS:
        op.execute(step)
