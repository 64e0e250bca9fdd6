"""Alembic's entry point: one transaction, one migrating process at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from service.db.tables import metadata

_LOCK = 0x4855_4959
"""Advisory lock key ("HUIY")."""


def _run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.run_migrations()


_run()
