"""Which processes serve a data folder."""

from __future__ import annotations

from pathlib import Path

import psutil


def is_server(pid: int, folder: Path) -> bool:
    """Whether this process is the postmaster of the folder, not another one that got its id."""
    try:
        process = psutil.Process(pid)
        return "postgres" in process.name() and str(folder) in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def has_backends(folder: Path) -> bool:
    """Whether any process of a server still works in the folder."""
    return any(_works_in(process, folder) for process in psutil.process_iter())


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return "postgres" in process.name() and process.cwd() == str(folder)
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return False
