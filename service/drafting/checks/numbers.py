"""Numbers in the draft occur in what it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import DraftKind, Finding, Severity
from service.drafting.checks.checked import Checked, finding

_UNITS = (
    r"元|块|天|日|小时|分钟|周|月|年|工作日|折|倍|%|％|级|USD|RMB|yuan|dollars?|euros?"
    r"|days?|hours?|minutes?|weeks?|months?|years?|percent|working days?"
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.#])Q?[0-9]+(?:[.,:][0-9]+)*")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_UNIT_AFTER = re.compile(rf"\s*个?(?:{_UNITS})", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"[¥￥$€£]\s*$")
_LIST_MARK = re.compile(r"^\s*\d+[.)、．]\s", re.MULTILINE)
_WORDS = {char: str(value) for value, char in enumerate("零一二三四五六七八九十")} | {"两": "2"}
_WORDS |= {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
_WORDS |= {"eight": "8", "nine": "9", "ten": "10"}
_WORD_NUMBER = re.compile(
    rf"(?<![二两三四五六七八九十百千万第])[二两三四五六七八九十](?=\s*个?(?:{_UNITS}))"
    rf"|(?<![A-Za-z])(?:two|three|four|five|six|seven|eight|nine|ten)(?=\s+(?:{_UNITS}))",
    re.IGNORECASE,
)
"""Number words before a unit; "one" is left out, it is mostly a figure of speech."""


def check_numbers(given: Checked) -> Iterator[Finding]:
    """A number with a unit must stand in the ground; a bare one may also be the member's."""
    text = _LIST_MARK.sub(lambda match: " " * len(match[0]), given.text)
    trusted = _values(given.ground)
    members = _values(given.context.member_text.text)
    for start, end, value in _numbers(text):
        allowed = trusted if _measured(text, start, end) else trusted | members
        if value not in allowed:
            yield _unsupported(given, value, (start, end))


def _unsupported(given: Checked, value: str, span: tuple[int, int]) -> Finding:
    blocking = given.context.kind is DraftKind.POST or _measured(given.text, *span)
    severity = Severity.BLOCKING if blocking else Severity.WARNING
    return finding("unsupported_number", severity, detail=value, span=span)


def _measured(text: str, start: int, end: int) -> bool:
    before = _MONEY_BEFORE.search(text, max(0, start - 3), start)
    return bool(before or _UNIT_AFTER.match(text, end))


def _values(text: str) -> set[str]:
    return {value for _, _, value in _numbers(text)}


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _NUMBER.finditer(text.translate(_FULL_WIDTH)):
        # "1,000" is 1000, "3.0" stays: it may be a version or a clause.
        yield match.start(), match.end(), match[0].replace(",", "").lstrip("Q")
    for match in _WORD_NUMBER.finditer(text):
        yield match.start(), match.end(), _WORDS[match[0].lower()]
