"""Replays of changes on a community's own cases."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE previews (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    scope TEXT,
    version TEXT NOT NULL,
    candidate_hash TEXT NOT NULL,
    baseline_hash TEXT NOT NULL,
    in_force TEXT NOT NULL,
    "window" JSONB NOT NULL,
    status TEXT NOT NULL,
    findings JSONB,
    failure TEXT NOT NULL,
    trial JSONB NOT NULL,
    requested_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_previews PRIMARY KEY (id),
    CONSTRAINT fk_previews_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_previews_scope FOREIGN KEY (scope) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_previews_community_created_at_id ON previews (community, created_at, id)",
    "CREATE INDEX ix_previews_community_candidate_hash ON previews (community, candidate_hash)",
    "COMMENT ON TABLE previews IS 'replays of a change on stored cases;"
    " what is done or failed never changes'",
    """CREATE TABLE preview_flips (
    preview_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    weight INTEGER NOT NULL,
    kinds TEXT[] NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    CONSTRAINT pk_preview_flips PRIMARY KEY (preview_id, case_id),
    CONSTRAINT fk_preview_flips_preview_id FOREIGN KEY (preview_id) REFERENCES previews (id),
    CONSTRAINT fk_preview_flips_case_id FOREIGN KEY (case_id) REFERENCES cases (id)
)""",
    "CREATE INDEX ix_preview_flips_preview_id_weight_case_id"
    " ON preview_flips (preview_id, weight, case_id)",
    "COMMENT ON TABLE preview_flips IS 'cases a change would decide otherwise;"
    " ids and verdicts, no text'",
)


def upgrade() -> None:
    """Add both."""
    for step in _STEPS:
        op.execute(step)
