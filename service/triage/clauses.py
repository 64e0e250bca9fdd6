"""Parts of a text that ask for something of their own ("it crashes, and I also want ...")."""

from __future__ import annotations

import re

_ADDED = re.compile(
    r"[，。！？；,!?;\s]+(?=(?:而且|另外|还有(?!没|人)|顺便|顺带|再就是|再有|其次|同时|并且))"
    r"|(?<=[。！？；，])(?=(?:我要|我想|请|麻烦|能不能|还想|也想))"
    r"|[,.;!?]?\s+(?=(?:also|and also|plus|besides|by the way|btw|one more thing|another thing"
    r"|on top of that|and i want|and i'd like|and i need|and please|and can|and could|and how)\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？!?\n；;]+|(?<=[a-z0-9)])\.(?:\s+|$)|,\s+|，")
_SHORTEST_ASCII, _SHORTEST = 12, 4
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
