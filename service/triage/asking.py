"""Does a text wait for somebody to act? Thanks, chatter and half sentences do not."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from service.triage.folding import fold
from service.triage.redaction import TOKEN

ENOUGH = 10
"""Weight from which a text says enough to be sorted: a Han character counts 1, a word 2."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]+")


def says_enough(redacted: str) -> bool:
    """Whether there is enough to sort it by; numbers and hidden data do not count."""
    text = TOKEN.sub(" ", redacted)
    return len(_HAN.findall(text)) + 2 * len(_WORD.findall(text)) >= ENOUGH


def asks(redacted: str) -> bool:
    """Whether it asks, reports or demands something."""
    text = fold(TOKEN.sub(" ", redacted)).text
    chinese, english = _words()
    return "?" in text or chinese.search(text) is not None or english.search(text) is not None


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    given = tomllib.loads(Path(__file__).with_name("asking.toml").read_text(encoding="utf-8"))
    chinese = "|".join(re.escape(word) for word in given["zh"].split())
    english = "|".join(re.escape(phrase) for phrase in given["en"])
    return re.compile(chinese), re.compile(rf"\b(?:{english})\b")
