"""Corrections, learned examples, routing rules, rehearsals, deadlines."""

from __future__ import annotations

from importlib import resources

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    ours = resources.files("service.db.migrations.versions") / "v0002_learning.sql"
    raw = op.get_bind().connection.driver_connection
    assert raw is not None  # noqa: S101
    raw.execute(ours.read_text(encoding="utf-8"))
