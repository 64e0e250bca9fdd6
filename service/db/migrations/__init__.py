"""Alembic environment and revisions; run through `service.db.migrate`."""
