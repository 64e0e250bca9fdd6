"""Doing jobs from the command line when no server does them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from service.bootstrap import Application
from service.cli.console import progress
from service.settings import Settings
from service.worker import drain as drain_jobs


def lock_path(settings: Settings) -> Path:
    """The file whose lock says: a server runs on this data folder."""
    folder = settings.data_dir.expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "server.lock"


@contextmanager
def alone(settings: Settings) -> Iterator[bool]:
    """Whether no server runs on this data folder; if so, none can start inside the block."""
    lock = FileLock(lock_path(settings), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


async def drain(application: Application, label: str) -> None:
    """Work until no job is due, with a bar."""
    with progress() as bar:
        task = bar.add_task(label, total=None)
        await drain_jobs(
            application,
            lambda done, due: bar.update(task, completed=done, total=done + due),
        )
