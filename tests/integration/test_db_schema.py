"""The migrated schema is the one the code expects, and getting there is safe."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from service.db.engine import libpq_url, normalise_url
from service.db.migrate import current, require_current, upgrade
from service.db.tables import metadata
from service.errors import ConfigurationError


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("procrastinate"))


def test_tables_and_migrations_say_the_same(database: str) -> None:
    engine = create_engine(normalise_url(database))
    options = {"include_name": _ours, "compare_type": True, "compare_server_default": True}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_foreign_keys_point_only_to_earlier_tables() -> None:
    seen: set[str] = set()
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            assert key.column.table.name in seen | {table.name}
        seen.add(table.name)


def test_an_unmigrated_database_is_refused_with_the_remedy(bare_database: str) -> None:
    assert current(bare_database) is None
    with pytest.raises(ConfigurationError, match="huiyin migrate"):
        require_current(bare_database)


def test_a_newer_database_is_refused(bare_database: str) -> None:
    with psycopg.connect(libpq_url(bare_database)) as connection:
        connection.execute("CREATE TABLE alembic_version AS SELECT '9999' AS version_num")
    with pytest.raises(ConfigurationError, match="9999"):
        require_current(bare_database)


def test_a_silent_server_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="HUIYIN_DATABASE_URL"):
        upgrade("postgresql://nobody@127.0.0.1:1/none")


def test_threads_may_migrate_at_once(bare_database: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, [bare_database] * 3))
    require_current(bare_database)


@pytest.mark.slow
def test_processes_may_migrate_at_once(bare_database: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        list(pool.map(upgrade, [bare_database] * 2))
    require_current(bare_database)
    with psycopg.connect(libpq_url(bare_database)) as connection:
        found = connection.execute("SELECT count(*) FROM alembic_version").fetchone()
    assert found == (1,)
