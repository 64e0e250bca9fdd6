"""A real PostgreSQL for the suite: started once, its migrated database cloned for each test."""

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
_TEMPLATE = "template_huiyin"
_numbers = count(1)


@pytest.fixture(scope="session")
def pg_url() -> Iterator[str]:
    """URL of the suite's server; its database is migrated and serves as template."""
    with tempfile.TemporaryDirectory(prefix="huiyin-test-") as folder:
        server = EmbeddedPostgres(Path(folder), database=_TEMPLATE, options=_UNSAFE_BUT_FAST)
        url = server.start()
        try:
            upgrade(url)
            yield url
        finally:
            server.stop()


@pytest.fixture
def database(pg_url: str) -> Iterator[str]:
    """URL of a fresh, migrated database for one test."""
    name = f"test_{next(_numbers)}"
    admin = libpq_url(pg_url).replace(f"/{_TEMPLATE}", "/postgres")
    _admin(admin, "CREATE DATABASE {} TEMPLATE {}", name, _TEMPLATE)
    yield pg_url.replace(f"/{_TEMPLATE}", f"/{name}")
    _admin(admin, "DROP DATABASE {} WITH (FORCE)", name)


def _admin(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


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
