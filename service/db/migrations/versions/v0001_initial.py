"""Everything the first release keeps, and the job queue's own schema."""

from __future__ import annotations

from importlib import resources

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, then the queue."""
    from procrastinate.schema import SchemaManager

    ours = resources.files("service.db.migrations.versions") / "v0001_initial.sql"
    raw = op.get_bind().connection.driver_connection
    assert raw is not None  # noqa: S101
    # Several statements at once, with per cent signs: past SQLAlchemy, without parameters.
    raw.execute(ours.read_text(encoding="utf-8"))
    raw.execute(SchemaManager.get_schema())
