"""Alarms about shares that moved; notices carry them."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE drift_states (
    community TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    shifts JSONB NOT NULL,
    CONSTRAINT pk_drift_states PRIMARY KEY (community),
    CONSTRAINT fk_drift_states_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "COMMENT ON TABLE drift_states IS 'what the newest run compared, for pages and the API'",
    """CREATE TABLE drift_alarms (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    measure TEXT NOT NULL,
    level SMALLINT NOT NULL,
    shift JSONB NOT NULL,
    causes JSONB DEFAULT '[]' NOT NULL,
    evidence TEXT[] DEFAULT '{}' NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    closed_by TEXT,
    note TEXT NOT NULL,
    CONSTRAINT pk_drift_alarms PRIMARY KEY (id),
    CONSTRAINT fk_drift_alarms_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_drift_alarms_community_started_at_id"
    " ON drift_alarms (community, started_at, id)",
    "ALTER TABLE notices ADD COLUMN drifts JSONB DEFAULT '[]' NOT NULL",
    "CREATE INDEX ix_drafts_time ON drafts (community, created_at)",
    "CREATE INDEX ix_decisions_time ON decisions (community, decided_at)",
)


def upgrade() -> None:
    """Add them."""
    for step in _STEPS:
        op.execute(step)
