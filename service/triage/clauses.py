"""Parts of a text: those that ask for something of their own ("it crashes, and I also want ..."),
and its sentences."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_ADDED = re.compile(
    r"[，。！？；,!?;\s]+(?=(?:而且|另外|还有(?!没|人)|顺便|顺带|再就是|再有|其次|同时|并且))"
    r"|(?<=[。！？；，])(?=(?:我要|我想|请|麻烦|能不能|还想|也想))"
    r"|[,.;!?]?\s+(?=(?:also|and also|plus|besides|by the way|btw|one more thing|another thing"
    r"|on top of that|and i want|and i'd like|and i need|and please|and can|and could|and how)\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？!?\n；;]+|(?<=[a-z0-9)])\.(?:\s+|$)|,\s+|，")
_LINE_END = re.compile(
    r"(?<=[。！？!?])|(?<=[a-z0-9)\"'”]\.)(?=\s|[A-Z])|\n+|\|",
)
_SHORTEST_ASCII, _SHORTEST = 12, 4
_TAG = re.compile(r"<[^<>]{1,200}>")
_WIDEST = 300
_MOST_WINDOWS = 40
_LONGEST = 400
_MOST = 3
_MOST_SENTENCES = 6


def added_parts(text: str) -> tuple[str, ...]:
    """The parts of a text held together by words of addition; empty where there is but one.

    Texts over 400 characters are left whole: their parts are seldom requests of their own.
    """
    if len(text) > _LONGEST:
        return ()
    parts = [part.strip(" ，。,.;；") for part in _ADDED.split(text)]
    long_enough = [part for part in parts if len(part) >= _shortest(part)]
    return tuple(long_enough[:_MOST]) if len(long_enough) > 1 else ()


def sentences(text: str) -> tuple[str, ...]:
    """The first sentences and clauses of a text; what stands beside an order is judged alone."""
    parts = [part.strip() for part in _SENTENCE.split(text[:_LONGEST])]
    return tuple(part for part in parts if len(part) >= _shortest(part))[:_MOST_SENTENCES]


def _shortest(part: str) -> int:
    return _SHORTEST_ASCII if part.isascii() else _SHORTEST


def without_tags(text: str) -> str:
    """The text without markup, as vectors and n-grams are made of it."""
    return html.unescape(_TAG.sub(" ", text)) if "<" in text else text


class Window(NamedTuple):
    """A sentence or line of a text, with its place in it."""

    text: str
    start: int
    end: int


def windows(text: str) -> tuple[Window, ...]:
    """Sentences and lines of a text in order, without very short ones, cut at 300 characters; the
    text as a whole where there are none. At most 40: of longer texts the first and last 20."""
    found = tuple(window for start, end in _lines(text) for window in _cut(text, start, end))
    if len(found) > _MOST_WINDOWS:
        half = _MOST_WINDOWS // 2
        found = (*found[:half], *found[-half:])
    return found or (Window(text, 0, len(text)),)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _LINE_END.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _cut(text: str, start: int, end: int) -> Iterator[Window]:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    part = part.strip()
    if len(part) < (_SHORTEST_ASCII if part.isascii() else _SHORTEST):
        return
    for offset in range(0, len(part), _WIDEST):
        piece = part[offset : offset + _WIDEST]
        yield Window(piece, start + offset, start + offset + len(piece))
