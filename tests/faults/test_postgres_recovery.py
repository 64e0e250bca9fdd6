"""The embedded PostgreSQL after kills: what was committed is there, and nobody is locked out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from service.db.embedded import EmbeddedPostgres
from service.errors import ConfigurationError

pytestmark = pytest.mark.slow

_OWNER = """
import sys, psycopg
from pathlib import Path
from service.db.embedded import EmbeddedPostgres
url = EmbeddedPostgres(Path(sys.argv[1])).start()
with psycopg.connect(url, autocommit=True) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS kept (n bigint PRIMARY KEY)")
    (n,) = connection.execute("SELECT coalesce(max(n), 0) FROM kept").fetchone()
    while True:
        n += 1
        connection.execute("INSERT INTO kept VALUES (%s)", (n,))
        print(n, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "postgres"
    yield made
    server = EmbeddedPostgres(made)
    if (made / "data" / "postmaster.pid").exists():
        server.start()
        server.stop()


def _postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def _alive(folder: Path) -> bool:
    return (folder / "data" / "postmaster.pid").exists()


def _owner(folder: Path, acknowledged: int) -> tuple[subprocess.Popen[str], int]:
    """A process that owns the server and writes; returns after so many acknowledged rows."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert owner.stdout is not None
    last = 0
    for _ in range(acknowledged):
        last = int(owner.stdout.readline())
    return owner, last


def _end(owner: subprocess.Popen[str]) -> int:
    """Kill and read what it still acknowledged."""
    owner.kill()
    rest = owner.communicate()[0].split("\n")[:-1]
    return int(rest[-1]) if rest else 0


def _rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*), max(n) FROM kept").fetchone()
    assert found is not None
    assert found[0] == found[1], "a row in the middle is missing"
    return int(found[0])


def _within(seconds: float, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_rows_survive_kills_of_owner_and_server(folder: Path) -> None:
    for kill_server in (False, True, True):
        owner, last = _owner(folder, 20)
        if kill_server:
            os.kill(_postmaster(folder), signal.SIGKILL)
        last = max(last, _end(owner))
        with EmbeddedPostgres(folder) as url:
            assert _rows(url) >= last
        assert not _alive(folder)


def test_a_server_that_outlived_its_owner_is_taken_over(folder: Path) -> None:
    owner, _ = _owner(folder, 5)
    _end(owner)
    before = _postmaster(folder)
    with EmbeddedPostgres(folder) as url:
        assert _postmaster(folder) == before
        assert _rows(url) >= 5
    assert not _alive(folder)


def test_the_last_to_leave_stops_the_server(folder: Path) -> None:
    owner, _ = _owner(folder, 1)
    with EmbeddedPostgres(folder):
        pass
    assert _alive(folder), "a guest must not stop the owner's server"
    guest = EmbeddedPostgres(folder)
    guest.start()
    _end(owner)
    assert _alive(folder)
    guest.stop()
    assert not _alive(folder)
    guest.stop()


def test_a_dead_server_is_brought_back_by_starting_again(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    os.kill(_postmaster(folder), signal.SIGKILL)
    assert server.start() == url
    assert _rows(url) == 1
    server.stop()


def test_a_stale_pid_file_of_another_process_does_not_lock_out(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        content = (folder / "data" / "postmaster.pid").read_text().split("\n", 1)
        owner = (folder / "data").stat()
    stale = folder / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{content[1]}")
    os.chown(stale, owner.st_uid, owner.st_gid)
    with EmbeddedPostgres(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_half_an_initialisation_is_done_over(folder: Path) -> None:
    half = folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not half.exists()


def test_another_major_version_is_refused_with_the_remedy(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ConfigurationError, match=r"PostgreSQL 16.*HUIYIN_DATA_DIR"):
        EmbeddedPostgres(folder).start()


def test_a_deep_folder_with_signs_works(tmp_path: Path) -> None:
    deep = tmp_path / ("数据 目录'x" + "d" * 60) / ("e" * 80) / "postgres"
    with EmbeddedPostgres(deep) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_socket_is_closed_to_others(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url, psycopg.connect(url) as connection:
        sockets = Path(connection.info.host)
        assert sockets.stat().st_mode & 0o077 == 0
        assert psutil.Process(_postmaster(folder)).uids().real == sockets.stat().st_uid
        listening = connection.execute("SHOW listen_addresses").fetchone()
    assert listening == ("",)


def test_starting_at_once_ends_with_one_server(folder: Path) -> None:
    owners = [_owner(folder, 0)[0] for _ in range(3)]
    _within(60, lambda: _alive(folder))
    with EmbeddedPostgres(folder):
        assert len({_postmaster(folder)}) == 1
        for owner in owners:
            owner.kill()
            owner.communicate()
    assert not _alive(folder)


_AS_NOBODY = """
import os, pwd, sys
from pathlib import Path
import psutil, psycopg
from service.db.embedded import EmbeddedPostgres
nobody = pwd.getpwnam("nobody")
# Everything is imported by now: the interpreter itself may be out of that user's reach.
os.setgroups([]); os.setgid(nobody.pw_gid); os.setuid(nobody.pw_uid)
with EmbeddedPostgres(Path(sys.argv[1])) as url, psycopg.connect(url) as connection:
    owner = os.stat(Path(sys.argv[1]) / "data").st_uid
    print(owner == os.geteuid() == nobody.pw_uid, connection.execute("SELECT 1").fetchone()[0])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_runs_it_too() -> None:
    with tempfile.TemporaryDirectory() as base:
        Path(base).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, f"{base}/postgres"],
            text=True,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            check=False,
        )
    assert done.stdout.split() == ["True", "1"], done.stderr
