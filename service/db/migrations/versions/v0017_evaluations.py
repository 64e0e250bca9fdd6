"""Comparisons of a change with production, and what went past the gate."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE evaluations (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    community TEXT,
    version TEXT NOT NULL,
    candidate_hash TEXT NOT NULL,
    baseline_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    findings JSONB,
    failure TEXT NOT NULL,
    trial JSONB NOT NULL,
    requested_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_evaluations PRIMARY KEY (id),
    CONSTRAINT fk_evaluations_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_evaluations_kind_name_candidate_hash"
    " ON evaluations (kind, name, candidate_hash)",
    "CREATE INDEX ix_evaluations_created_at_id ON evaluations (created_at, id)",
    "COMMENT ON TABLE evaluations IS 'comparisons of a change with production;"
    " what is done or failed never changes'",
    """CREATE TABLE promotions (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    community TEXT,
    version TEXT NOT NULL,
    candidate_hash TEXT NOT NULL,
    baseline_hash TEXT NOT NULL,
    basis TEXT NOT NULL,
    evaluation_id TEXT,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_promotions PRIMARY KEY (id),
    CONSTRAINT fk_promotions_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_promotions_evaluation_id FOREIGN KEY (evaluation_id)
        REFERENCES evaluations (id)
)""",
    "CREATE INDEX ix_promotions_kind_name_created_at_id ON promotions (kind, name, created_at, id)",
    "CREATE INDEX ix_promotions_evaluation_id ON promotions (evaluation_id)",
    "COMMENT ON TABLE promotions IS 'what went into production, and why it might; appended'",
)


def upgrade() -> None:
    """Add both; what was moved before has no line."""
    for step in _STEPS:
        op.execute(step)
