"""The command line, run in this process on the test's database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from service.cli.main import app

Run = Callable[..., Result]


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """A command sets up logging for its process; here that is the suite's own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def run(
    logs_as_before: None, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs a command in this process on the test's database."""
    monkeypatch.setenv("HUIYIN_DATABASE_URL", database)
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HUIYIN_EMBEDDER__KIND", "hashing")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def invoke(*args: str) -> Result:
        return runner.invoke(app, list(args))

    assert invoke("communities", "add", "acme", "--name-zh", "示", "--name-en", "A").exit_code == 0
    return invoke
