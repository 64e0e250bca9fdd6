"""What two texts say differently, word by word: numbers, negations, names, all that changed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import NamedTuple

from service.triage.folding import fold
from service.triage.redaction import TOKEN

_HAN = "\u3400-\u9fff"
_WORD = re.compile(rf"[a-z0-9]+(?:[.'\u2019][a-z0-9]+)*|[{_HAN}]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_OPEN_QUESTION = re.compile(rf"([{_HAN}])[不没]\1")
"""The asking form: 能不能 denies nothing."""

_HARMLESS = re.compile(r"不过|差不多|不好意思|不小心|不错|对不起|不断|不停|不得不")
_NEGATION = re.compile(
    r"不|没|无法|别|未|\bnot\b|n't\b|\bno\b|\bnever\b|\bcan ?not\b"
    r"|\bwithout\b|\bnobody\b|\bnothing\b|\bnone\b"
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_CAPITAL = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][A-Za-z0-9]*")
_NO_NAMES = {"i"}

_TYPO_LETTERS, _TYPO_ALIKE = 5, 80.0
_TOO_LONG = 400
"""Words beyond this are not compared one by one: that takes time in the square of their number."""


class Facts(NamedTuple):
    """What decides a question: its numbers, sorted, and how often it denies."""

    numbers: tuple[str, ...]
    negations: int


def facts(redacted: str) -> Facts:
    """Numbers and negations of a text, the asking forms of a verb left out."""
    plain = _plain(redacted)
    return Facts(
        tuple(sorted(_NUMBER.findall(plain))), len(_NEGATION.findall(_HARMLESS.sub(" ", plain)))
    )


def names(redacted: str) -> frozenset[str]:
    """Words that look like names: Latin ones among Chinese, else those written with a capital
    inside a sentence."""
    text = TOKEN.sub(" ", redacted)
    found = _LATIN.findall(text) if re.search(f"[{_HAN}]", text) else _CAPITAL.findall(text)
    return frozenset(name.lower() for name in found) - _NO_NAMES


def same_wording(one: str, other: str) -> bool:
    """Whether two redacted texts differ in filler words and typing mistakes alone."""
    left, right = _WORD.findall(_plain(one)), _WORD.findall(_plain(other))
    if max(len(left), len(right)) > _TOO_LONG:
        return left == right
    steps = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return all(_says_the_same(left[a:b], right[c:d]) for op, a, b, c, d in steps if op != "equal")


def _plain(redacted: str) -> str:
    return _OPEN_QUESTION.sub(r"\1", fold(TOKEN.sub(" ", redacted)).text)


def _says_the_same(left: Sequence[str], right: Sequence[str]) -> bool:
    one, other = _content(left), _content(right)
    return one == other or _mistyped(one, other)


def _content(words: Sequence[str]) -> list[str]:
    """The words that carry meaning; Chinese ones joined."""
    chinese, english = _filler()
    han = chinese.sub("", "".join(word for word in words if not word.isascii()))
    latin = [word for word in words if word.isascii() and word not in english]
    return [*latin, *([han] if han else [])]


def _mistyped(one: Sequence[str], other: Sequence[str]) -> bool:
    """Two long Latin words that begin alike and are spelled nearly alike."""
    from rapidfuzz.fuzz import ratio

    if len(one) != 1 or len(other) != 1 or not (one[0] + other[0]).isalpha():
        return False
    left, right = one[0], other[0]
    long_enough = left.isascii() and min(len(left), len(right)) >= _TYPO_LETTERS
    return long_enough and left[0] == right[0] and ratio(left, right) >= _TYPO_ALIKE


@cache
def _filler() -> tuple[re.Pattern[str], frozenset[str]]:
    given = tomllib.loads(Path(__file__).with_name("filler.toml").read_text(encoding="utf-8"))
    chinese = sorted(given["zh"].split(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, chinese))), frozenset(given["en"].split())
