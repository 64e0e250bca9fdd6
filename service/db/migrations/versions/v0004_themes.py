"""Lasting themes and the theme of each case."""

from __future__ import annotations

from importlib import resources

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the new tables in place of the old."""
    ours = resources.files("service.db.migrations.versions") / "v0004_themes.sql"
    raw = op.get_bind().connection.driver_connection
    assert raw is not None  # noqa: S101
    raw.execute(ours.read_text(encoding="utf-8"))
