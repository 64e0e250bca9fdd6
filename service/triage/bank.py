"""Signal banks: phrase lists as data, compiled into one automaton plus small expressions.

A phrase is found in two steps. An Aho-Corasick automaton finds its first part in one pass over the
text; a short expression anchored there checks word edges and the remaining parts. Gaps are bounded,
so time stays linear in the length of the text.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.domain.triage import SignalKind
from service.triage.errors import BankError
from service.triage.folding import VARIANTS_FILE, fold

FOLDER = Path(__file__).with_name("bank")
FILES = tuple(FOLDER / name for name in ("severity.toml", "spam.toml", "injection.toml"))

_MOST_PER_CODE = 5
_NEXT_PART = " ~ "
_SENTENCE = "[^。！？!?\n]"


class Rule(BaseModel):
    """One entry of a bank file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: SignalKind
    code: str = Field(pattern=r"^[a-z_]+$")
    floor: int | None = Field(None, ge=0, le=4)
    category: str | None = None
    gap: int = Field(6, ge=0, le=40)
    whole: bool = False
    raw: bool = False
    phrases: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()


class Finding(NamedTuple):
    """A rule that matched a span of the folded text."""

    rule: Rule
    start: int
    end: int


class _Entry(NamedTuple):
    rule: int
    cancels: bool
    rest: str
    """Expression of the parts after the first; empty when there are none."""

    def match(self, text: str, start: int, end: int) -> int | None:
        """End of the whole phrase whose first part stands at [start, end), or None."""
        if not _edged_at(text, start, end):
            return None
        if not self.rest:
            return end
        match = _compiled(self.rest).match(text, end)
        return match.end() if match else None


class Bank:
    """All rules, ready to match. Pure and safe to share between threads."""

    def __init__(self, rules: Sequence[Rule], version: str) -> None:
        self.rules, self.version = tuple(rules), version
        self._whole = {
            text: index
            for index, rule in enumerate(self.rules)
            if rule.whole
            for text in _whole_texts(rule)
        }
        self._automaton = _automaton(self.rules)

    def match(self, text: str) -> tuple[Finding, ...]:
        """Findings in a folded text, at most five a code, cancelled ones left out."""
        hits: dict[int, list[tuple[int, int]]] = {}
        cancelled: dict[int, list[tuple[int, int]]] = {}
        for entry, start, end in self._hits(text):
            target = cancelled if entry.cancels else hits
            target.setdefault(entry.rule, []).append((start, end))
        return tuple(
            Finding(self.rules[rule], *span)
            for rule, spans in sorted(hits.items())
            for span in _uncancelled(spans, cancelled.get(rule, []))
        )

    def match_whole(self, text: str) -> Rule | None:
        """The rule whose list holds this text as a whole."""
        index = self._whole.get(text)
        return None if index is None else self.rules[index]

    def words(self) -> Iterator[str]:
        """The folded parts of its phrases: what a disguise may stand for."""
        for rule in self.rules:
            for phrase in () if rule.whole or rule.raw else rule.phrases:
                for part in _parts(rule, phrase):
                    yield from part

    def _hits(self, text: str) -> Iterator[tuple[_Entry, int, int]]:
        for last, (length, entries) in self._automaton.iter(text):
            start = last - length + 1
            for entry in entries:
                end = entry.match(text, start, last + 1)
                if end is not None:
                    yield entry, start, end


def load_bank(files: Sequence[Path] = FILES, managed: Sequence[Rule] = (), stamp: str = "") -> Bank:
    """Read and compile the bank files and put managed rules beside them.

    The version is a hash of the files, with the stamp of the managed rules behind it.

    Raises:
        BankError: naming the file and the entry that cannot be used.
    """
    contents = [_content(file) for file in (*files, VARIANTS_FILE)]
    rules = [
        rule
        for file, content in zip(files, contents, strict=False)
        for rule in _rules(file, content)
    ]
    version = hashlib.sha256("\0".join(contents).encode()).hexdigest()[:12]
    return Bank([*rules, *managed], f"{version}+{stamp}" if managed else version)


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BankError(file, "file", "cannot be read") from error


def _rules(file: Path, content: str) -> list[Rule]:
    try:
        entries: list[dict[str, Any]] = tomllib.loads(content).get("signal", [])
    except tomllib.TOMLDecodeError as error:
        raise BankError(file, "file", f"is not valid TOML ({error})") from error
    return [_rule(file, number, entry) for number, entry in enumerate(entries, 1)]


def _rule(file: Path, number: int, entry: dict[str, Any]) -> Rule:
    try:
        return Rule.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        name = f"signal {number} ({entry.get('code', 'without code')})"
        raise BankError(file, name, f"{where}: {first['msg']}") from error


def _whole_texts(rule: Rule) -> set[str]:
    return {fold(text).text for phrase in rule.phrases for text in phrase.split("|")}


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    """Compiled on first use: most phrases never come up, and compiling all takes seconds."""
    return re.compile(expression)


def _automaton(rules: Sequence[Rule]) -> Any:
    import ahocorasick

    entries: dict[str, list[_Entry]] = {}
    for index, rule in enumerate(rules):
        for cancels, phrases in ((False, rule.phrases), (True, rule.unless)):
            for phrase in () if rule.whole else phrases:
                first, *others = _parts(rule, phrase)
                entry = _Entry(index, cancels, _rest(others, rule))
                for anchor in dict.fromkeys(first):
                    entries.setdefault(anchor, []).append(entry)
    automaton = ahocorasick.Automaton()
    for key, found in entries.items():
        automaton.add_word(key, (len(key), tuple(found)))
    automaton.make_automaton()
    return automaton


def _parts(rule: Rule, phrase: str) -> list[list[str]]:
    parts = [phrase] if rule.raw else phrase.split(_NEXT_PART)
    split = [[part] if rule.raw else part.split("|") for part in parts]
    return [[fold(alternative).text for alternative in part] for part in split]


def _rest(parts: list[list[str]], rule: Rule) -> str:
    return "".join(f"{_gap(part, rule)}(?:{'|'.join(map(_edged, part))})" for part in parts)


def _gap(part: list[str], rule: Rule) -> str:
    """Latin letters say as much in twice the space; findings of danger allow for it."""
    wide = rule.kind is SignalKind.SEVERITY and part[0].isascii()
    return f"{_SENTENCE}{{0,{rule.gap * (2 if wide else 1)}}}?"


def _edged(text: str) -> str:
    """A literal that does not begin or end inside a Latin word."""
    before = "(?<![a-z0-9])" if _latin(text[0]) else ""
    after = "(?![a-z0-9])" if _latin(text[-1]) else ""
    return before + re.escape(text) + after


def _edged_at(text: str, start: int, end: int) -> bool:
    begins_inside = start > 0 and _latin(text[start]) and _latin(text[start - 1])
    ends_inside = end < len(text) and _latin(text[end - 1]) and _latin(text[end])
    return not begins_inside and not ends_inside


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _uncancelled(
    spans: list[tuple[int, int]], cancelled: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if len(kept) == _MOST_PER_CODE:
            break
        inside_last = bool(kept) and start < kept[-1][1]
        if not inside_last and not any(s < end and start < e for s, e in cancelled):
            kept.append((start, end))
    return kept
