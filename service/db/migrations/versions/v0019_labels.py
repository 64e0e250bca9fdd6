"""Texts to be judged by people, and what they said."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE label_items (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    rubric TEXT NOT NULL,
    ref TEXT NOT NULL,
    draft_id TEXT,
    material JSONB,
    lang TEXT NOT NULL,
    golden INTEGER,
    wanted INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    claimed_by TEXT,
    claimed_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_label_items PRIMARY KEY (id),
    CONSTRAINT uq_label_items_ref UNIQUE (community, rubric, ref),
    CONSTRAINT fk_label_items_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_label_items_draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id)
)""",
    """CREATE TABLE labels (
    id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    rubric_version INTEGER NOT NULL,
    rubric_hash TEXT NOT NULL,
    rater TEXT NOT NULL,
    by TEXT NOT NULL,
    value INTEGER,
    note TEXT NOT NULL,
    undone BOOLEAN NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT pk_labels PRIMARY KEY (id),
    CONSTRAINT fk_labels_item_id FOREIGN KEY (item_id) REFERENCES label_items (id)
)""",
    "CREATE INDEX ix_labels_standing ON labels (item_id, rater, by, seq DESC)",
    "CREATE INDEX ix_labels_by ON labels (by, seq DESC)",
    "COMMENT ON TABLE labels IS 'appended; the last one of a rater on an item counts'",
    """CREATE VIEW standing_labels AS
    SELECT * FROM (
        SELECT DISTINCT ON (item_id, rater, by) *
        FROM labels ORDER BY item_id, rater, by, seq DESC
    ) AS newest
    WHERE NOT undone""",
)


def upgrade() -> None:
    """Add them."""
    for step in _STEPS:
        op.execute(step)
