"""Does a text wait for the community to act? Thanks, chatter and talk among members do not.

Words alone decide, so that the rule costs nothing and can be read; it only chooses what a model is
asked about and takes nothing from a case.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from service.triage.folding import fold
from service.triage.redaction import TOKEN

ENOUGH = 10
"""Weight from which a text says enough to be sorted: a Han character counts 1, a word 2."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]+")
_ADDRESSED = re.compile(r"\s*@(?!\s*(?:staff|admin|mods?\b|管理|客服|官方))\S")
"""A text that begins with another member's name is said to that member."""


class _Words(NamedTuple):
    chinese: re.Pattern[str]
    english: re.Pattern[str]
    among_members: re.Pattern[str]


def says_enough(redacted: str) -> bool:
    """Whether there is enough to sort it by; numbers and hidden data do not count."""
    text = TOKEN.sub(" ", redacted)
    return len(_HAN.findall(text)) + 2 * len(_WORD.findall(text)) >= ENOUGH


def asks(redacted: str) -> bool:
    """Whether it asks, reports or demands something of the community's people."""
    text, words = fold(TOKEN.sub(" ", redacted)).text, _words()
    if _ADDRESSED.match(text) or words.among_members.search(text):
        return False
    return "?" in text or any(one.search(text) for one in (words.chinese, words.english))


@cache
def _words() -> _Words:
    given = tomllib.loads(Path(__file__).with_name("asking.toml").read_text(encoding="utf-8"))
    english = "|".join(map(re.escape, given["en"]))
    return _Words(
        re.compile("|".join(map(re.escape, given["zh"].split()))),
        re.compile(rf"\b(?:{english})\b"),
        re.compile("|".join(map(re.escape, given["among_members"]))),
    )
