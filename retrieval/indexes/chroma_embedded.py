"""Chroma inside this process: one process per folder, checked at start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import IndexUnavailable
from retrieval.indexes.chroma import ChromaStore, translated

if TYPE_CHECKING:
    from filelock import FileLock

PROBE_SECONDS = 120.0
_PROBE = Path(__file__).with_name("chroma_probe.py")
_STATE = "sound.json"


def open_embedded(path: Path) -> ChromaStore:
    """Open the folder exclusively, creating it where needed.

    After an unclean end the folder is probed in a child process first. A damaged one is moved
    aside as `<name>-damaged-<n>` and an empty one opened; `ChromaStore.quarantined` tells so.

    Raises:
        IndexUnavailable: another process holds the folder, or it cannot be created or opened.
    """
    with translated("create its folder"):
        path.mkdir(parents=True, exist_ok=True)
    lock = _lock(path)
    try:
        quarantined = None if _is_sound(path) else _move_aside(path)
        (path / _STATE).unlink(missing_ok=True)
        return _open(path, lock, quarantined)
    except BaseException:
        lock.release()
        raise


def _lock(path: Path) -> FileLock:
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(path.name + ".lock"), is_singleton=False, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise IndexUnavailable(
            f"the vector store {path} is in use by another process: stop that process, or run a "
            "Chroma server and set the vector mode to `server` to share it"
        ) from None
    return lock


def _open(path: Path, lock: FileLock, quarantined: Path | None) -> ChromaStore:
    with translated("open"):
        import chromadb
        from chromadb.config import Settings

        client = chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))

    def release() -> None:
        if lock.is_locked:
            (path / _STATE).write_text(json.dumps(_state(path)))
            lock.release()

    return ChromaStore(client, on_close=release, quarantined=quarantined)


def _state(path: Path) -> dict[str, list[int]]:
    """Size and time of every file, to know the folder again as it was closed."""
    stats = {
        file.relative_to(path).as_posix(): file.stat()
        for file in path.rglob("*")
        if file.is_file() and file.name != _STATE
    }
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in sorted(stats.items())}


def _is_sound(path: Path) -> bool:
    """An empty folder is sound, and so is one that is exactly as a clean end left it."""
    state = _state(path)
    if not state:
        return True
    try:
        if json.loads((path / _STATE).read_text()) == state:
            return True
    except (OSError, ValueError):
        pass
    return _probe(path)


def _probe(path: Path) -> bool:
    command = [sys.executable, "-I", str(_PROBE), str(path)]
    try:
        done = subprocess.run(  # noqa: S603 (fixed command)
            command, capture_output=True, timeout=PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _move_aside(path: Path) -> Path:
    with translated("move its damaged folder aside"):
        number = 1
        while (target := path.with_name(f"{path.name}-damaged-{number}")).exists():
            number += 1
        path.rename(target)
        path.mkdir()
    return target
