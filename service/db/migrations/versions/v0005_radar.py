"""What the radar counts and finds: rollups, incidents, alerts, notices."""

from __future__ import annotations

from importlib import resources

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, the triggers that say what to count again, and count everything once."""
    ours = resources.files("service.db.migrations.versions") / "v0005_radar.sql"
    raw = op.get_bind().connection.driver_connection
    assert raw is not None  # noqa: S101
    raw.execute(ours.read_text(encoding="utf-8"))
