"""Engines for rehearsals: files that come as text are written aside, read, and forgotten."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from service.domain.report import Candidate, ExampleChoice
from service.errors import ConfigurationError, InvalidInput
from service.ports.engines import Triager
from service.triage.bank import FILES, load_bank
from service.triage.taxonomy import DEFAULT_FILE, load_taxonomy


class Changed(NamedTuple):
    """What is put in the place of the parts in force; None leaves a part."""

    taxonomy_file: Path = DEFAULT_FILE
    bank_files: Sequence[Path] = FILES
    threshold: float | None = None
    examples: ExampleChoice = ExampleChoice.ACCEPTED


Assemble = Callable[[str | None, Changed], Awaitable[Triager]]
"""Builds an engine of a community's parts in force, with the changed ones in place."""


class Candidates:
    """See `service.ports.engines.CandidateEngines`."""

    def __init__(self, assemble: Assemble) -> None:
        self._assemble = assemble

    def check(self, candidate: Candidate) -> None:
        """See the port."""
        with _named_errors(), _files(candidate) as changed:
            load_taxonomy(changed.taxonomy_file)
            load_bank(changed.bank_files)

    async def build(self, community: str, candidate: Candidate) -> Triager:
        """See the port."""
        with _named_errors(), _files(candidate) as changed:
            return await self._assemble(community, changed)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise InvalidInput(error.message, **error.details) from error


@contextmanager
def _files(candidate: Candidate) -> Iterator[Changed]:
    """The candidate's texts as files, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="huiyin-candidate-") as name:
        folder = Path(name)
        taxonomy, bank = DEFAULT_FILE, list(FILES)
        if candidate.taxonomy is not None:
            taxonomy = folder / "taxonomy.toml"
            taxonomy.write_text(candidate.taxonomy, encoding="utf-8", errors="replace")
        for number, (file, text) in enumerate(sorted((candidate.bank or {}).items())):
            written = folder / f"bank-{number}.toml"  # the name given is never a path
            written.write_text(text, encoding="utf-8", errors="replace")
            bank = [one for one in bank if one.name != file]
            bank.append(written)
        yield Changed(taxonomy, bank, candidate.threshold, candidate.examples)
