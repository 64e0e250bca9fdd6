"""Managed terms: read from files people keep them in, checked, and put beside the shipped rules."""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from pydantic import ValidationError

from service.domain.bank import LONGEST_TERM, BankTerm, TermDraft, TermKind
from service.domain.triage import SignalKind
from service.errors import InvalidInput
from service.triage.bank import Rule
from service.triage.folding import fold

_GAP = 6
_SHORTEST_LATIN = 3
_COLUMNS = {"phrase", "kind", "code", "floor", "category"}


class TermFormat(StrEnum):
    """How a file of terms is written: a phrase a line, CSV with a header, or a bank file."""

    LINES = "lines"
    CSV = "csv"
    TOML = "toml"


def read_terms(content: str, form: TermFormat, like: TermDraft) -> tuple[TermDraft, ...]:
    """The terms of a file, each once; what a line or row leaves out is as in `like`.

    Raises:
        InvalidInput: naming the line, row or entry that cannot be used.
    """
    readers = {TermFormat.LINES: _lines, TermFormat.CSV: _rows, TermFormat.TOML: _entries}
    drafts = dict.fromkeys(readers[form](content, like))
    for draft in drafts:
        check_term(draft)
    return tuple(drafts)


def check_term(draft: TermDraft) -> None:
    """Refuse phrases that would match nearly everything.

    Raises:
        InvalidInput: an empty part, or a first one of less than two characters (three Latin
            letters).
    """
    for number, part in enumerate(draft.phrase.split(" ~ ")):
        for word in part.split("|"):
            folded = fold(word.strip()).text
            short = _SHORTEST_LATIN if folded.isascii() else 2
            if len(folded) < (1 if number else short):
                raise InvalidInput(f"The term {draft.phrase[:60]!r} is too short.")


def managed_rules(terms: Iterable[BankTerm]) -> list[Rule]:
    """Rules of active terms; those that say the same of different phrases are one."""
    grouped: dict[tuple[TermKind, str, int | None, str | None], list[str]] = {}
    for term in terms:
        grouped.setdefault((term.kind, term.code, term.floor, term.category), []).append(
            term.phrase
        )
    return [
        Rule(
            kind=SignalKind(kind),
            code=code,
            floor=floor,
            category=category,
            gap=_GAP,
            phrases=tuple(phrases),
        )
        for (kind, code, floor, category), phrases in grouped.items()
    ]


def terms_stamp(terms: Sequence[BankTerm]) -> str:
    """A hash that changes with any term."""
    said = sorted(f"{t.kind}\0{t.code}\0{t.floor}\0{t.category}\0{t.phrase}" for t in terms)
    return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _lines(content: str, like: TermDraft) -> Iterator[TermDraft]:
    for number, line in enumerate(content.splitlines(), 1):
        phrase = line.strip()
        if phrase and not phrase.startswith("#"):
            yield _draft(f"line {number}", like, {"phrase": phrase})


def _rows(content: str, like: TermDraft) -> Iterator[TermDraft]:
    reader = csv.DictReader(io.StringIO(content.lstrip("\ufeff")))
    names = set(reader.fieldnames or ())
    if "phrase" not in names or names - _COLUMNS:
        raise InvalidInput(
            f"The header names phrase and, at will, {sorted(_COLUMNS - {'phrase'})}."
        )
    try:
        for row in reader:
            if None in row:
                raise InvalidInput(f"row {reader.line_num}: more fields than the header names.")
            given = {name: value.strip() for name, value in row.items() if value and value.strip()}
            yield _draft(f"row {reader.line_num}", like, given)
    except csv.Error as error:
        raise InvalidInput(f"row {reader.line_num}: {error}.") from error


def _entries(content: str, like: TermDraft) -> Iterator[TermDraft]:
    try:
        entries = tomllib.loads(content).get("signal", [])
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput("The file is not valid TOML.") from error
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise InvalidInput("The file holds no [[signal]] entries.")
    for number, entry in enumerate(entries, 1):
        where = f"signal {number}"
        phrases = entry.pop("phrases", None)
        if not isinstance(phrases, list) or set(entry) - _COLUMNS:
            raise InvalidInput(f"{where}: takes phrases, kind, code, floor and category alone.")
        for phrase in phrases:
            yield _draft(where, like, entry | {"phrase": phrase})


def _draft(where: str, like: TermDraft, given: dict[str, object]) -> TermDraft:
    """The term with what was given in the place of `like`; a kind without a floor gets none."""
    whole = like.model_dump() | given
    if whole["kind"] != TermKind.SEVERITY and "floor" not in given:
        whole["floor"] = None
    try:
        return TermDraft.model_validate(whole)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "term"
        raise InvalidInput(f"{where}, {field}: {first['msg'][:LONGEST_TERM]}") from error
