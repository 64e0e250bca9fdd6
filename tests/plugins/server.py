"""`huiyin serve` as a process of its own, on embedded parts in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2
import pytest

HUIYIN = (sys.executable, "-c", "from service.cli import main; main()")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Desk:
    """A data folder with a server that can be started, killed and started again."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.port, self.folder = free_port(), folder
        self.address = f"http://127.0.0.1:{self.port}"
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("HUIYIN")}
        self.env |= {
            "HUIYIN_DATA_DIR": str(folder / "data"),
            "HUIYIN_EMBEDDER__KIND": "hashing",
            "HUIYIN_WEB__PORT": str(self.port),
            "HUIYIN_WEB__RATE_PER_MINUTE": "1000000",
        } | variables
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, *args: str) -> str:
        """Run a command to its end and return what it printed."""
        done = subprocess.run(
            [*HUIYIN, *args], env=self.env, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, args: Sequence[str] = ("serve",)) -> None:
        log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            [*HUIYIN, *args], env=self.env, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def wait_ready(self, path: str = "/readyz", seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "server.log").read_text()[-3000:]
            try:
                if httpx2.get(self.address + path, timeout=2).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError((self.folder / "server.log").read_text()[-3000:])

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; the exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(timeout=30)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self._process is not None and self._process.poll() is None:
            self.end(signal.SIGTERM)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.stop()
    opened.command("migrate")  # attaches to and stops whatever a killed server left running
    shutil.rmtree(tmp_path, ignore_errors=True)
