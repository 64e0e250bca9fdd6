"""Substring search without an extension: small hashed n-grams in an integer array (GIN).

`pg_trgm` is not in the embedded server, and three characters are too many for Chinese, whose words
have two. Every gram of a query occurs in each text that contains the query, so the index never
loses a row; the text itself is compared afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from zlib import crc32

_RUN = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]+"
    r"|[^\W_\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]+"
)
_WIDE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]")
MAX_GRAMS = 24
"""Of a query; more make the index scan slower, not the answer better."""


def searchable(text: str) -> str:
    """The form that is searched: compatibility forms unified, case folded."""
    return unicodedata.normalize("NFKC", text).lower()


def grams_of(text: str) -> list[int]:
    """Signed 32-bit hashes of all grams of a searchable text, sorted."""
    found = {part for run in _RUN.findall(text) for part in _all(run)}
    return sorted(map(_hash, found))


def grams_for(query: str) -> list[int]:
    """Grams that every text containing this searchable query has; empty for signs alone."""
    found = [part for run in _RUN.findall(query) for part in _longest(run)]
    return [_hash(part) for part in dict.fromkeys(found)][:MAX_GRAMS]


def _all(run: str) -> Iterator[str]:
    for size in _sizes(run):
        yield from _slices(run, size)


def _longest(run: str) -> Iterator[str]:
    short, long = _sizes(run)
    size = long if len(run) >= long else short
    return _slices(run, size)


def _sizes(run: str) -> tuple[int, int]:
    return (1, 2) if _WIDE.match(run) else (2, 3)


def _slices(run: str, size: int) -> Iterator[str]:
    return (run[at : at + size] for at in range(len(run) - size + 1))


def _hash(part: str) -> int:
    value = crc32(part.encode("utf-8", "replace"))
    return value - (1 << 32) if value >= 1 << 31 else value
