"""Messages that say something is wrong and nothing to act on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

_LONGEST = 80
"""Characters; a longer message has told something, whatever its words."""

_LISTS = ("trouble", "filler", "topics")
_APOSTROPHES = str.maketrans("’‘", "''")
_ASCII_WORD = re.compile(r"[a-z0-9]")


def is_vague(text: str) -> bool:
    """Whether nothing is left of a message once general words of trouble are taken away.

    Masked personal data (`[PHONE_1]`), numbers and names of things count as something left.
    """
    plain = text.lower().translate(_APOSTROPHES).strip()
    if not plain or len(plain) > _LONGEST:
        return False
    trouble, general = _patterns()
    if not trouble.search(plain):
        return False
    left = general.sub(" ", trouble.sub(" ", plain))
    return not re.search(r"[^\W_]", left)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    raw = tomllib.loads((files("service.drafting") / "vague.toml").read_text(encoding="utf-8"))
    return _pattern(raw, _LISTS[:1]), _pattern(raw, _LISTS)


def _pattern(
    raw: Mapping[str, Mapping[str, Sequence[str]]], lists: Sequence[str]
) -> re.Pattern[str]:
    words = {word for table in raw.values() for name in lists for word in table[name]}
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(
        "|".join(
            rf"(?<![a-z0-9']){re.escape(w)}(?![a-z0-9'])" if _ASCII_WORD.match(w) else re.escape(w)
            for w in ordered
        )
    )
