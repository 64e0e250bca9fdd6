"""Which system user runs the server: PostgreSQL refuses root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from service.errors import ConfigurationError

_NAME = "pgserver"


class ProcessOptions(TypedDict, total=False):
    """Keyword arguments of `subprocess.run` that switch the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class SystemUser:
    """Runs the server; `switched` says that we are root and become somebody else."""

    uid: int
    gid: int
    switched: bool

    @classmethod
    def for_folder(cls, folder: Path) -> SystemUser:
        """Ourselves; as root the folder's owner, or for a new folder the user `pgserver`.

        Raises:
            ConfigurationError: the folder belongs to another user, or root finds no user.
        """
        owner = folder.stat() if folder.exists() else None
        if os.geteuid() != 0:
            if owner and owner.st_uid != os.geteuid():
                raise ConfigurationError(
                    f"{folder} belongs to another system user; run as that user or set "
                    "HUIYIN_DATA_DIR to a folder of your own."
                )
            return cls(os.geteuid(), os.getegid(), switched=False)
        if owner and owner.st_uid != 0:
            return cls(owner.st_uid, owner.st_gid, switched=True)
        entry = _existing_or_new()
        return cls(entry.pw_uid, entry.pw_gid, switched=True)

    @property
    def process_options(self) -> ProcessOptions:
        """What `subprocess.run` needs to become this user."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a path to this user."""
        if self.switched:
            os.chown(path, self.uid, self.gid)


def open_path(path: Path, user: SystemUser) -> None:
    """As root, let the server's user pass (not list) the folders above `path`."""
    if not user.switched:
        return
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _existing_or_new() -> pwd.struct_passwd:
    for name in (_NAME, "postgres"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    try:
        subprocess.run(  # noqa: S603
            ["useradd", "--system", "--shell", "/bin/false", _NAME],  # noqa: S607
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigurationError(
            f"PostgreSQL does not run as root and the user {_NAME} cannot be created. Run as an "
            f"ordinary user, create the user {_NAME}, or set HUIYIN_DATABASE_URL."
        ) from error
    return pwd.getpwnam(_NAME)
