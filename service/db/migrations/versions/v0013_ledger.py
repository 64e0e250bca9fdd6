"""The ledger of model calls: provider and cached tokens, sums by day, reservations, budgets."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STEPS = (
    """ALTER TABLE llm_calls
    ADD COLUMN provider TEXT NOT NULL DEFAULT 'default',
    ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0""",
    """ALTER TABLE llm_calls
    ALTER COLUMN provider DROP DEFAULT,
    ALTER COLUMN cached_tokens DROP DEFAULT""",
    "CREATE INDEX ix_llm_calls_at ON llm_calls (at)",
    """CREATE TABLE llm_spend (
    community TEXT NOT NULL,
    day DATE NOT NULL,
    tokens BIGINT NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_llm_spend PRIMARY KEY (community, day),
    CONSTRAINT fk_llm_spend_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_llm_spend_day ON llm_spend (day)",
    """INSERT INTO llm_spend (community, day, tokens, cost)
    SELECT community, (at AT TIME ZONE 'UTC')::date, sum(prompt_tokens + completion_tokens),
        sum(cost)
    FROM llm_calls GROUP BY 1, 2""",
    """CREATE TABLE llm_reservations (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_llm_reservations PRIMARY KEY (id),
    CONSTRAINT fk_llm_reservations_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "CREATE INDEX ix_llm_reservations_at ON llm_reservations (at)",
    """CREATE TABLE llm_budgets (
    community TEXT NOT NULL,
    tokens_per_day BIGINT,
    tokens_per_month BIGINT,
    cost_per_day DOUBLE PRECISION,
    cost_per_month DOUBLE PRECISION,
    set_by TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_llm_budgets PRIMARY KEY (community),
    CONSTRAINT fk_llm_budgets_community FOREIGN KEY (community) REFERENCES communities (id)
)""",
    "COMMENT ON TABLE llm_spend IS 'sums of llm_calls by day of UTC, so that a budget is checked"
    " without counting rows'",
    "COMMENT ON TABLE llm_reservations IS 'estimates of calls under way; one whose process died"
    " stays, as it may have been paid'",
    "COMMENT ON TABLE llm_budgets IS 'limits a community gave itself, beside those of the"
    " settings'",
)


def upgrade() -> None:
    """Add columns and tables; sum up what was spent so far."""
    for step in _STEPS:
        op.execute(step)
