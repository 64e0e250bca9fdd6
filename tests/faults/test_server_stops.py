"""Asked to stop, the server ends what it began: no database left running, no job left open."""

from __future__ import annotations

import signal

import pytest

from tests.plugins.server import Desk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_leaves_nothing_running(desk: Desk, number: signal.Signals) -> None:
    desk.start()
    desk.wait_ready()
    lock = desk.folder / "data" / "postgres" / "data" / "postmaster.pid"
    assert lock.exists()
    assert desk.end(number) == 0, (desk.folder / "server.log").read_text()
    assert not lock.exists()
