"""Words of a text as the person-name head sees them: hashed traits, no vocabulary."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

BUCKETS = 1 << 16
"""Number of weights; the hash of a trait picks one."""

Membership = Callable[[str], str]
"""A folded word to a code of the lists it is on, such as "FL" for given and family names."""

PARTICLES = frozenset(
    word
    for words in ("van von der den de del della di da du", "la le el al bin ibn ben ter dos")
    for word in words.split()
)
"""Small words that stand inside family names."""


LATIN = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
"""Letters of Latin script, for character classes."""

_CLITIC = rf"['’](?:s|ve|d|ll|re|m)(?![{LATIN}])"
_WORD = re.compile(
    rf"[{LATIN}]+(?:(?!{_CLITIC})['’\-][{LATIN}]+)*|{_CLITIC}|\d+|\n|[^\W\d_{LATIN}]+|[^\w\s]|_",
    re.IGNORECASE,
)
_LETTERS = str.maketrans({"ð": "d", "þ": "th", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "ß": "ss"})
_ENDS = frozenset(".!?\n:>*")


class Word(NamedTuple):
    """A word or mark at [start, end) of a text; `glued` when it touches what stands around it."""

    text: str
    start: int
    end: int
    glued: str


def words_of(text: str) -> list[Word]:
    """Words, numbers, marks and line breaks, in order."""
    found = list(_WORD.finditer(text))
    return [
        Word(m[0], m.start(), m.end(), _glue(text, m.start(), m.end())) if m[0][0].isalpha()
        else Word(m[0], m.start(), m.end(), "")
        for m in found
    ]  # fmt: skip


def _glue(text: str, start: int, end: int) -> str:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    left = before in "@#/\\._-&=+" or before.isdigit()
    right = (
        after in "@/\\_&=+"
        or after.isdigit()
        or (after in ".-" and text[end + 1 : end + 2].isalnum())
    )
    return ("l" if left else "") + ("r" if right else "")


def plain(word: str) -> str:
    """Lower case without accents: the form that is looked up in name lists."""
    lower = word.casefold().translate(_LETTERS)
    if lower.isascii():
        return lower
    return "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))


def shape_of(word: str) -> str:
    """How a word is written: Xx, X, XX, xx, XxX, 0, or the mark itself."""
    if not word[0].isalpha():
        return "0" if word[0].isdigit() else word.casefold()
    if len(word) == 1:
        return "X" if word.isupper() else "x"
    if word.islower():
        return "xx"
    if word.isupper():
        return "XX"
    if word[0].isupper():
        return "Xx" if word[1:].islower() else "XxX"
    return "xX" if any(map(str.isupper, word)) else "han"


def own_traits(word: Word, lists: str) -> Iterator[str]:
    """Traits of the word itself."""
    low, shape = plain(word.text), shape_of(word.text)
    yield f"w={low}"
    yield f"s={shape}"
    yield f"m={lists}"
    yield f"ms={lists}{shape}"
    yield f"g={word.glued}"
    yield f"n={min(len(low), 10)}{shape}"
    yield f"a={word.text.isascii()}{shape}"
    for size in (2, 3, 4):
        if len(low) > size:
            yield f"e{size}={low[-size:]}"
            yield f"b{size}={low[:size]}"
    yield f"hy={'-' in low}{any(q in low for q in chr(39) + chr(8217))}"


def near_traits(place: str, text: str, lists: str) -> Iterator[str]:
    """Traits of a neighbour; `place` is its distance, such as "-1"."""
    low = text.casefold() if text else "^"
    shape = shape_of(text) if text else "^"
    yield f"{place}w={low}"
    yield f"{place}s={shape}"
    yield f"{place}m={lists}{shape}"


def pair_traits(words: Sequence[str], lists: Sequence[str]) -> Iterator[str]:
    """Traits of the five words around a place and of the lists they are on; "" is no word."""
    shapes = [shape_of(w) if w else "^" for w in words]
    low = [w.casefold() if w else "^" for w in words]
    yield f"p1={shapes[1]}{lists[1]}|{shapes[2]}{lists[2]}"
    yield f"p2={shapes[2]}{lists[2]}|{shapes[3]}{lists[3]}"
    yield f"p3={shapes[1]}{lists[1]}|{shapes[2]}{lists[2]}|{shapes[3]}{lists[3]}"
    yield f"p4={low[1]}|{shapes[2]}{lists[2]}"
    yield f"p5={low[3]}|{shapes[2]}{lists[2]}"
    yield f"p6={low[0]}|{low[1]}"
    yield f"p7={low[3]}|{low[4]}"
    yield f"p8={low[0]}|{low[1]}|{shapes[2]}"
    yield f"p9={shapes[0]}|{shapes[1]}|{shapes[2]}|{shapes[3]}|{shapes[4]}"
    yield f"pa={shapes[1] in _ENDS or shapes[1] == '^'}{shapes[2]}{lists[2]}"
    yield f"pb={low[1]}|{low[3]}"


def bucket(trait: str) -> int:
    """The weight a trait picks (CRC-32, the same on every machine)."""
    return zlib.crc32(trait.encode()) & (BUCKETS - 1)
