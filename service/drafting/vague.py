"""Messages that say something is wrong and nothing to act on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

_LONGEST = 80
"""Characters; a longer message has told something, whatever its words."""

_APOSTROPHES = str.maketrans("’‘", "''")


def is_vague(text: str) -> bool:
    """Whether nothing is left of a message once general words of trouble are taken away.

    Masked personal data (`[PHONE_1]`), numbers and names of things count as something left.
    """
    plain = text.lower().translate(_APOSTROPHES).strip()
    if not plain or len(plain) > _LONGEST:
        return False
    words = _patterns()
    if words["trouble"].search(plain):
        return _nothing_left(plain, "trouble", "ask", "topics", "filler")
    return bool(words["ask"].search(plain)) and _nothing_left(plain, "ask", "filler")


def _nothing_left(text: str, *lists: str) -> bool:
    for name in lists:
        text = _patterns()[name].sub(" ", text)
    return re.search(r"[^\W_]", text) is None


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    raw = tomllib.loads((files("service.drafting") / "vague.toml").read_text(encoding="utf-8"))
    names = sorted({name for table in raw.values() for name in table})
    return {name: _pattern([w for table in raw.values() for w in table[name]]) for name in names}


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(_one, sorted(words, key=len, reverse=True))))


def _one(word: str) -> str:
    return rf"(?<![a-z0-9']){re.escape(word)}(?![a-z0-9'])" if word.isascii() else re.escape(word)
