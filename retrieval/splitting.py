"""Long texts into parts at line and sentence ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

WIDE_LIMIT = 350
"""Chinese characters in one part; narrow text may have four times as many (about 220 words)."""

_NARROW_PER_WIDE = 4
_WINDOW = WIDE_LIMIT * _NARROW_PER_WIDE
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_SENTENCE = re.compile(r".*?(?:[。！？；]+[”’」』）)]*|[.!?]+[\"')\]]*(?=\s)|\n|\Z)\s*", re.S)


def size(text: str) -> float:
    """Length in units of one part: above 1.0 a text is too long."""
    wide = len(_WIDE.findall(text))
    return (wide + (len(text) - wide) / _NARROW_PER_WIDE) / WIDE_LIMIT


def split_long(text: str) -> list[str]:
    """Return the text whole if it fits, else parts of whole sentences; nothing is lost.

    A sentence longer than a part is cut at white space where there is some.
    """
    if size(text) <= 1:
        return [text]
    parts = _pack(piece for sentence in _sentences(text) for piece in _cut(sentence))
    return [part.strip() for part in parts if part.strip()]


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.findall(text) if sentence]


def _cut(sentence: str) -> Iterator[str]:
    start = 0
    while len(sentence) - start > _WINDOW or size(sentence[start:]) > 1:
        window = sentence[start : start + _WINDOW]
        end = _fitting(window)
        space = window.rfind(" ", end // 2, end)
        end = space + 1 if space > 0 else end
        yield window[:end]
        start += end
    yield sentence[start:]


def _fitting(window: str) -> int:
    low, high = 1, len(window)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(window[:middle]) <= 1 else (low, middle - 1)
    return low


def _pack(pieces: Iterable[str]) -> Iterator[str]:
    part = ""
    for piece in pieces:
        if part and size(part + piece) > 1:
            yield part
            part = ""
        part += piece
    yield part


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every sentence, the white space around it left out."""
    place = 0
    for sentence in _SENTENCE.findall(text):
        start = place + len(sentence) - len(sentence.lstrip())
        place += len(sentence)
        if sentence.strip():
            yield start, start + len(sentence.strip())
