"""Numbers in English words."""

from __future__ import annotations

import re

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: value for value, word in enumerate(_SMALL)}
_VALUES |= {word: 10 * n for n, word in enumerate(_TENS, start=2)} | {"dozen": 12}
_GREAT = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}

_WORD = "|".join(sorted({*_VALUES, *_GREAT}, key=len, reverse=True))
WORDS = re.compile(rf"\b(?:{_WORD})(?:(?:[- ]|,? and )(?:{_WORD}))*\b(?![-’']s\b)", re.IGNORECASE)
"""A run of number words."""


def value_of(words: str) -> int:
    """The value of a run.

    >>> value_of("two thousand three hundred and twelve"), value_of("Forty-two"), value_of("dozen")
    (2312, 42, 12)
    """
    total = section = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _VALUES:
            section += _VALUES[word]
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in _GREAT:
            total, section = total + (section or 1) * _GREAT[word], 0
    return total + section
