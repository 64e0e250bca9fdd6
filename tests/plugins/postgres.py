"""A real PostgreSQL for the suite: started and migrated once, emptied after each test.

Emptying takes some ten milliseconds, cloning a template more than a second on a busy disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncEngine

from service.db.embedded import EmbeddedPostgres
from service.db.engine import libpq_url, make_engine
from service.db.migrate import upgrade
from service.db.queries import SqlQueries
from service.db.uow import make_uow_factory
from service.jobs.queue import ProcrastinateQueue
from service.ports.queries import Queries
from service.ports.store import UowFactory

_UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_NAME = "suite"
_numbers = count(1)

_LEAVE = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Without triggers and foreign keys, so that the order of tables does not matter.
_EMPTY = """
DO $$
DECLARE
    name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def pg_url() -> Iterator[str]:
    """URL of the suite's migrated database."""
    with tempfile.TemporaryDirectory(prefix="huiyin-test-") as folder:
        server = EmbeddedPostgres(Path(folder), database=_NAME, options=_UNSAFE_BUT_FAST)
        url = server.start()
        try:
            upgrade(url)
            yield url
        finally:
            server.stop()


@pytest.fixture
def database(pg_url: str) -> Iterator[str]:
    """URL of a migrated, empty database; connections left open by the test are cut."""
    yield pg_url
    with psycopg.connect(libpq_url(pg_url), autocommit=True) as connection:
        connection.execute(_LEAVE)
        connection.execute(_EMPTY)


@pytest.fixture
def bare_database(pg_url: str) -> Iterator[str]:
    """URL of a database of the test's own, without any table."""
    name = f"bare_{next(_numbers)}"
    with psycopg.connect(libpq_url(pg_url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield pg_url.replace(f"/{_NAME}", f"/{name}")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the test's database."""
    made = make_engine(database, pool_size=5)
    yield made
    await made.dispose()


@pytest.fixture
def uow_factory(engine: AsyncEngine) -> UowFactory:
    """Units of work on the test's database, with the real job queue."""
    return make_uow_factory(engine, ProcrastinateQueue)


@pytest.fixture
def queries(engine: AsyncEngine) -> Queries:
    """Page queries on the test's database."""
    return SqlQueries(engine)
