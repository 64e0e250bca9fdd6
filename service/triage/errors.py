"""Errors of the triage engine's data files."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from service.errors import ConfigurationError


class TaxonomyError(ConfigurationError):
    """The taxonomy file cannot be used; `file` and `entry` in the details say where."""

    code: ClassVar[str] = "taxonomy_invalid"

    def __init__(self, file: Path, entry: str, reason: str) -> None:
        super().__init__(f"{file.name}, {entry}: {reason}", file=str(file), entry=entry)


class BankError(ConfigurationError):
    """A signal bank file cannot be used; `file` and `entry` in the details say where."""

    code: ClassVar[str] = "bank_invalid"

    def __init__(self, file: Path, entry: str, reason: str) -> None:
        super().__init__(f"{file.name}, {entry}: {reason}", file=str(file), entry=entry)


class HeadsInvalid(ConfigurationError):
    """A stored head is unreadable or was trained for something else."""

    code: ClassVar[str] = "heads_invalid"
