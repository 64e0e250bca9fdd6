"""Engines for rehearsals: files that come as text are written aside, read, and forgotten."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from service.domain.bank import BankTerm, TermDraft
from service.domain.report import Candidate, ExampleChoice
from service.domain.taxonomy import Taxonomy
from service.errors import ConfigurationError, InvalidInput
from service.ports.engines import Triager
from service.triage.bank import FILES, load_bank
from service.triage.bank_terms import check_term, managed_rules
from service.triage.taxonomy import parse_taxonomy


class Changed(NamedTuple):
    """What is put in the place of the parts in force; None leaves a part."""

    taxonomy: Taxonomy | None = None
    bank_files: Sequence[Path] = FILES
    terms: tuple[BankTerm, ...] = ()
    without: frozenset[TermDraft] = frozenset()
    """Terms in force that are left out, by what they say."""
    threshold: float | None = None
    examples: ExampleChoice = ExampleChoice.ACCEPTED


Assemble = Callable[[str | None, Changed], Awaitable[Triager]]
"""Builds an engine of a community's parts in force, with the changed ones in place."""


class Candidates:
    """See `service.ports.engines.CandidateEngines`."""

    def __init__(self, assemble: Assemble, in_force: Callable[[], Taxonomy]) -> None:
        self._assemble, self._in_force = assemble, in_force

    def check(self, candidate: Candidate) -> None:
        """See the port."""
        with _named_errors(), _files(candidate) as changed:
            taxonomy = changed.taxonomy or self._in_force()
            load_bank(changed.bank_files, managed_rules(changed.terms))
            for draft in candidate.terms:
                check_term(draft)
                _require_known(draft, taxonomy)

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
        bank = list(FILES)
        for number, (file, text) in enumerate(sorted((candidate.bank or {}).items())):
            written = folder / f"bank-{number}.toml"  # the name given is never a path
            written.write_text(text, encoding="utf-8", errors="replace")
            bank = [one for one in bank if one.name != file]
            bank.append(written)
        yield Changed(
            taxonomy=_taxonomy(candidate),
            bank_files=bank,
            terms=tuple(_tried(candidate)),
            threshold=candidate.threshold,
            examples=candidate.examples,
        )


def _taxonomy(candidate: Candidate) -> Taxonomy | None:
    if candidate.taxonomy is None:
        return None
    return parse_taxonomy(candidate.taxonomy.encode("utf-8", "replace").decode("utf-8"))


def _tried(candidate: Candidate) -> Iterator[BankTerm]:
    """Terms that exist for the rehearsal alone."""
    for number, draft in enumerate(candidate.terms):
        yield BankTerm(
            id=f"tried_{number}",
            community=None,
            created_by="",
            created_at=datetime.min.replace(tzinfo=UTC),
            **draft.model_dump(),
        )


def _require_known(draft: TermDraft, taxonomy: Taxonomy) -> None:
    known = {category.id for category in taxonomy.categories}
    if draft.category is not None and draft.category not in known:
        raise InvalidInput("There is no such category.", category=draft.category)
