"""Folders that are whole or not there: built aside, flushed, renamed, listed in a manifest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retrieval.errors import ModelUnverified

MANIFEST_FILE = "manifest.json"

Build = Callable[[Path], dict[str, Any]]
"""Fills a folder and returns what its manifest should say beside the list of files."""


def ensure(folder: Path, build: Build) -> None:
    """Build the folder unless it is whole; a second process waits for the first."""
    from filelock import FileLock

    if is_whole(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not is_whole(folder):
            _build_aside(folder, build)


def is_whole(folder: Path) -> bool:
    """Whether every file of the manifest is there with its size; hashes are left to `verify`."""
    try:
        files = _files(folder)
        sizes = [(folder / name).stat().st_size == row["bytes"] for name, row in files.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # any damage at all
        return False
    return bool(sizes) and all(sizes)


def verify(folder: Path) -> None:
    """Hash every file of a folder and compare with its manifest.

    Raises:
        ModelUnverified: the manifest is missing or a file differs.
    """
    if not is_whole(folder):
        raise ModelUnverified(f"{folder} is incomplete; delete it and start again")
    for name, expected in _files(folder).items():
        if _sha256(folder / name) != expected["sha256"]:
            raise ModelUnverified(f"{folder / name} is damaged; delete {folder} and start again")


def _build_aside(folder: Path, build: Build) -> None:
    _sweep(folder)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        facts = build(temporary)
        _write_manifest(temporary, facts)
        _publish(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sweep(folder: Path) -> None:
    # Only the lock's holder builds, so what lies here was left by a killed process.
    for stale in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(stale, ignore_errors=True)


def _write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    files = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    content = json.dumps({**facts, "files": files}, indent=2)
    (folder / MANIFEST_FILE).write_text(content, "utf-8")


def _publish(temporary: Path, final: Path) -> None:
    for path in (*temporary.rglob("*"), temporary):
        _flush(path)
    temporary.chmod(0o755)  # mkdtemp keeps a folder private; a model is no secret
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)
    _flush(final.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
    files: dict[str, Any] = content["files"]
    return files


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
