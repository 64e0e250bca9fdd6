"""Where the server's Unix socket lies: a path of at most about 100 bytes, closed to others."""

from __future__ import annotations

import hashlib
import stat
import tempfile
from pathlib import Path

from service.db.sysuser import SystemUser
from service.errors import ConfigurationError

_LONGEST = 90
"""Bytes; macOS takes 104 with the file name and the closing NUL, Linux 108."""


def prepare_socket_dir(folder: Path, user: SystemUser) -> Path:
    """A private folder under the system's temporary one, named after the data folder.

    Raises:
        ConfigurationError: somebody else made it before us.
    """
    name = "huiyin-" + hashlib.sha256(f"{folder}:{user.uid}".encode()).hexdigest()[:10]
    path = Path(tempfile.gettempdir()) / name
    if len(str(path / ".s.PGSQL.5432").encode()) > _LONGEST:
        path = Path("/tmp") / name  # noqa: S108
    try:
        path.mkdir(mode=0o700)
        user.own(path)
    except FileExistsError:
        _require_private(path, user)
    return path


def _require_private(path: Path, user: SystemUser) -> None:
    found = path.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077 == 0
    if not private or found.st_uid not in (user.uid, 0):
        raise ConfigurationError(
            f"{path} was made by somebody else; remove it or set TMPDIR to a folder of your own."
        )
    user.own(path)
