"""What two texts have of their own: Chinese by character, other scripts by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+|\s+|.", re.DOTALL)
_WORD = re.compile(r"\w")

LIMIT = 4_000_000
"""Pairs of tokens looked at; beyond it everything between the common ends counts as different."""

LEAST = 2
"""Words that are the same in a row; fewer between two differences are noise."""


class Piece(NamedTuple):
    """A stretch of a text; `own` where the other text reads otherwise there."""

    text: str
    own: bool


class _Block(NamedTuple):
    """Tokens that face each other, `same` or not."""

    one: Sequence[str]
    other: Sequence[str]
    same: bool


def differences(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts cut into pieces; joined they are the texts again."""
    blocks = list(_blocks(_TOKEN.findall(one), _TOKEN.findall(other)))
    left = _joined((block.one, block.same) for block in blocks)
    return tuple(left), tuple(_joined((block.other, block.same) for block in blocks))


def _blocks(one: list[str], other: list[str]) -> Iterator[_Block]:
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    yield _Block(one[:start], other[:start], True)
    yield from _between(one[start : len(one) - end], other[start : len(other) - end])
    yield _Block(one[len(one) - end :], other[len(other) - end :], True)


def _between(one: list[str], other: list[str]) -> Iterator[_Block]:
    if len(one) * len(other) > LIMIT:
        yield _Block(one, other, False)
        return
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        kept = tag == "equal" and sum(bool(_WORD.match(t)) for t in one[a:b]) >= LEAST
        yield _Block(one[a:b], other[c:d], kept)


def _common(one: list[str], other: list[str]) -> int:
    """How many tokens from the start on are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _joined(runs: Iterator[tuple[Sequence[str], bool]]) -> Iterator[Piece]:
    text, own = "", False
    for tokens, same in runs:
        if not tokens:
            continue
        if text and own == same:
            yield Piece(text, own)
            text = ""
        text, own = text + "".join(tokens), not same
    if text:
        yield Piece(text, own)
