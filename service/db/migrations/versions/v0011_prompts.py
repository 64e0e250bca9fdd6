"""The prompt registry, and which prompt text each draft was written from."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STEPS = (
    """CREATE TABLE prompt_versions (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    template TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL,
    text TEXT NOT NULL,
    partials JSONB NOT NULL,
    note TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_prompt_versions PRIMARY KEY (id),
    CONSTRAINT uq_prompt_versions_template_number UNIQUE (template, number),
    CONSTRAINT uq_prompt_versions_hash UNIQUE (hash)
)""",
    """CREATE TABLE prompt_moves (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    template TEXT NOT NULL,
    community TEXT,
    label TEXT NOT NULL,
    version INTEGER,
    previous INTEGER,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_prompt_moves PRIMARY KEY (id),
    CONSTRAINT fk_prompt_moves_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_prompt_moves_template_version FOREIGN KEY (template, version)
        REFERENCES prompt_versions (template, number)
)""",
    "CREATE INDEX ix_prompt_moves_template_community_at_id"
    " ON prompt_moves (template, community, at, id)",
    """CREATE TABLE prompt_splits (
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    template TEXT NOT NULL,
    community TEXT,
    percent SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_prompt_splits PRIMARY KEY (id),
    CONSTRAINT fk_prompt_splits_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_prompt_splits_template_community_at_id"
    " ON prompt_splits (template, community, at, id)",
    "ALTER TABLE draft_contexts ADD COLUMN template_hash TEXT"
    " GENERATED ALWAYS AS (payload #>> '{template,hash}') STORED",
    "CREATE INDEX ix_draft_contexts_template_hash_created_at"
    " ON draft_contexts (template_hash, created_at)",
    "CREATE INDEX ix_drafts_context_id ON drafts (context_id)",
)


def upgrade() -> None:
    """Add them."""
    for step in _STEPS:
        op.execute(step)
