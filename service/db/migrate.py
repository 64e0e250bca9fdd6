"""Bringing a database to this release's tables, from code. Blocking: use a thread in a loop."""

from __future__ import annotations

import threading

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from service.db.engine import normalise_url
from service.errors import ConfigurationError

_ONE_THREAD = threading.Lock()
"""Alembic keeps its context in module globals; processes wait on an advisory lock instead."""


def upgrade(url: str) -> None:
    """Apply what is missing, in one transaction; concurrent calls wait for each other.

    Raises:
        ConfigurationError: the server cannot be reached.
    """
    with _ONE_THREAD, _connect(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def current(url: str) -> str | None:
    """The revision a database stands at; None when it was never migrated.

    Raises:
        ConfigurationError: the server cannot be reached.
    """
    with _connect(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_current(url: str) -> None:
    """Refuse to go on with other tables than ours.

    Raises:
        ConfigurationError: the database is older, newer or empty, or cannot be reached.
    """
    found, wanted = current(url), ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise ConfigurationError(
            f"The database stands at revision {found or 'none'}, this release needs {wanted}; "
            "run `huiyin migrate`.",
            found=found,
            expected=wanted,
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "service.db:migrations")
    return config


def _engine(url: str) -> Engine:
    return create_engine(
        normalise_url(url), poolclass=NullPool, connect_args={"connect_timeout": 10}
    )


def _connect(url: str) -> Connection:
    try:
        return _engine(url).connect()
    except OperationalError as error:
        raise ConfigurationError(
            "PostgreSQL does not answer; check HUIYIN_DATABASE_URL and that the server runs."
        ) from error
