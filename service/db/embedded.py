"""PostgreSQL inside the data folder: started, recovered and stopped by us."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from service.db.cluster import Cluster
from service.errors import ConfigurationError


class EmbeddedPostgres:
    """One attachment to the server of a data folder; the last process to leave stops it.

    Every attached process holds a shared kernel lock, which ends with the process however it
    dies, so a killed owner never keeps the server up and never takes it down under another. After
    a kill the server lives on and the next `start` attaches to it. Calls block (under a second
    warm, two when the folder is new): use a thread inside an event loop.

    Args:
        folder: the server's own folder; made when absent.
        database: name of the database, created when absent.
        options: server settings laid over ours.
        patience_s: longest wait for a start, crash recovery included.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database: str = "huiyin",
        options: Mapping[str, str] | None = None,
        patience_s: float = 120,
    ) -> None:
        self._dir = folder.expanduser().resolve()
        self._database, self._options, self._patience = database, dict(options or {}), patience_s
        self._presence: int | None = None

    def start(self) -> str:
        """Attach, starting or recovering the server as needed; the database's URL.

        May be called again at any time: a server that died meanwhile is brought back.

        Raises:
            ConfigurationError: it cannot run here; the message names the remedy.
        """
        if sys.platform == "win32":
            raise ConfigurationError(
                "The embedded PostgreSQL needs Linux or macOS; set HUIYIN_DATABASE_URL."
            )
        self._dir.mkdir(parents=True, exist_ok=True)
        with self._alone():
            fresh = self._join()
            try:
                return self._bring_up()
            except BaseException:
                if fresh:
                    self._leave()
                raise

    def stop(self) -> None:
        """Leave; the server stops when nobody else is attached. Harmless when not attached."""
        if self._presence is None:
            return
        with self._alone():
            self._leave()
            if self._nobody_else():
                self._cluster().stop()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _bring_up(self) -> str:
        cluster = self._cluster()
        cluster.initialise()
        conninfo = cluster.ensure_running()
        _ensure_database(conninfo, self._database)
        host = conninfo_to_dict(conninfo)["host"]
        return f"postgresql://postgres@/{quote(self._database)}?host={quote(str(host))}"

    def _cluster(self) -> Cluster:
        return Cluster(self._dir / "data", self._options, self._patience)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        handle = os.open(self._dir / "mutex", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _open_users(self) -> int:
        return os.open(self._dir / "users", os.O_RDWR | os.O_CREAT, 0o600)

    def _join(self) -> bool:
        if self._presence is not None:
            return False
        self._presence = self._open_users()
        fcntl.flock(self._presence, fcntl.LOCK_SH)
        return True

    def _leave(self) -> None:
        if self._presence is not None:
            os.close(self._presence)
        self._presence = None

    def _nobody_else(self) -> bool:
        handle = self._open_users()
        try:
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            return False
        finally:
            os.close(handle)


def _ensure_database(conninfo: str, name: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, (name,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
