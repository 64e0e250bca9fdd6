"""Folds look-alike spellings together while keeping where every character came from."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from opencc import OpenCC

VARIANTS_FILE = Path(__file__).with_name("bank") / "variants.toml"

_KEEP_CONTROL = "\n\t"
_SELECTORS = {chr(code) for code in range(0xFE00, 0xFE10)}
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn", "Me"}
_SEPARATORS = r"[\s.\-_*/|·•~`'^+=,，、。]"
_GLYPH = r"[^\W_]"
_SPLIT_RUN = re.compile(
    rf"(?<!{_GLYPH})(?:{_GLYPH}{_SEPARATORS}{{1,3}}){{2,80}}{_GLYPH}(?!{_GLYPH})"
)
_WORDLESS = re.compile(r"[\W_]+")


class Folded(NamedTuple):
    """A folded text; character i of `text` came from character `origins[i]` of the original."""

    text: str
    origins: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's offsets of a non-empty folded span."""
        return self.origins[start], self.origins[end - 1] + 1


class _Table(dict[int, str]):
    """Character to its folded form, filled as characters are met."""

    def __init__(self, *, search: bool) -> None:
        super().__init__()
        self._search = search
        self._variants = _variants() if search else {}
        self.uneven: set[str] = set()
        """Characters met that do not fold to exactly one."""

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        if len(folded) != 1:
            self.uneven.add(chr(code))
        self[code] = folded
        return folded

    def _fold(self, char: str) -> str:
        hidden = char in _SELECTORS or unicodedata.category(char) in _INVISIBLE
        if hidden and char not in _KEEP_CONTROL:
            return ""
        if not self._search:
            return unicodedata.normalize("NFKC", char)
        plain = unicodedata.normalize("NFKD", char).casefold()
        marks_off = "".join(c for c in plain if not unicodedata.combining(c))
        simple = _simplify(unicodedata.normalize("NFC", marks_off))
        return "".join(self._variants.get(c, c) for c in simple)


@cache
def _table(search: bool) -> _Table:
    return _Table(search=search)


@cache
def _variants() -> dict[str, str]:
    pairs: dict[str, str] = tomllib.loads(VARIANTS_FILE.read_text(encoding="utf-8"))["glyphs"]
    return {char: target for target, chars in pairs.items() for char in chars}


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def _simplify(text: str) -> str:
    return text if text.isascii() else str(_converter().convert(text))


def _apply(text: str, *, search: bool) -> Folded:
    table = _table(search)
    folded = text.translate(table)
    if table.uneven.isdisjoint(text):
        return Folded(folded, list(range(len(text))))
    pieces = [table[ord(char)] for char in text]
    origins = [index for index, piece in enumerate(pieces) for _ in piece]
    return Folded(folded, origins)


class _Simple(dict[int, str]):
    """Character to its simplified form, one for one; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        simple = _simplify(char)
        self[code] = simple if len(simple) == 1 else char
        return self[code]


@cache
def _simple_table() -> _Simple:
    return _Simple()


def simplified(text: str) -> str:
    """Simplified Chinese, character for character: offsets stay."""
    return text if text.isascii() else text.translate(_simple_table())


def compat(text: str) -> Folded:
    """Compatibility forms (full-width to ASCII) without invisible characters; case is kept."""
    return _apply(text, search=False)


def fold(text: str) -> Folded:
    """Search form: compatibility forms, no accents or invisible characters, lower case,
    simplified Chinese, look-alike letters mapped to Latin."""
    return _apply(text, search=True)


class Unsplit(NamedTuple):
    """A folded text with split words joined; `runs` are the joined spans in `folded.text`."""

    folded: Folded
    runs: tuple[tuple[int, int], ...]


def unsplit(folded: Folded) -> Unsplit:
    """Join runs of single glyphs held apart by separators ("a d d - v x" becomes "addvx").

    Where marks hold the glyphs apart, blanks part words; a first "a" or "I" before a blank is one.
    """
    text, origins, runs, last = "", [], [], 0
    for match in _SPLIT_RUN.finditer(folded.text):
        text += folded.text[last : match.start()]
        origins += folded.origins[last : match.start()]
        kept = _kept(folded.text, *match.span())
        runs.append((len(text), len(text) + len(kept)))
        text += "".join(folded.text[i] for i in kept)
        origins += [folded.origins[i] for i in kept]
        last = match.end()
    if not runs:
        return Unsplit(folded, ())
    tail = Folded(text + folded.text[last:], origins + folded.origins[last:])
    return Unsplit(tail, tuple(runs))


def _kept(text: str, start: int, end: int) -> list[int]:
    """Places of a run that stay: its glyphs, and the blanks that part words."""
    marked = any(not char.isalnum() and not char.isspace() for char in text[start:end])
    alone = start + 1 if text[start] in "ai" and text[start + 1] == " " else -1
    return [
        place
        for place in range(start, end)
        if text[place].isalnum()
        or place == alone
        or (
            marked
            and text[place] == " "
            and text[place - 1].isalnum()
            and text[place + 1].isalnum()
        )
    ]


def text_key(text: str) -> str:
    """What two texts share that say literally the same: folded, without blanks and punctuation.

    A text of nothing but punctuation or emoji keeps its folded form.
    """
    folded = fold(text).text
    return _WORDLESS.sub("", folded) or folded.strip()


def text_hash(text: str) -> str:
    """SHA-256 (hex) of the text's key: equal for texts that are exact duplicates."""
    return hashlib.sha256(text_key(text).encode("utf-8", "surrogatepass")).hexdigest()
