"""Numbers in Chinese characters."""

from __future__ import annotations

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_GREAT = {"万": 10_000, "亿": 100_000_000}
_PLACED = re.compile(r"[十百千万亿]")

NUMERAL = r"[零〇一二两三四五六七八九十百千万亿]"


def value_of(numeral: str) -> int | None:
    """The value of a run of numerals; None where it is none, such as 三五 (three or five).

    >>> value_of("一千二百零三"), value_of("三万五"), value_of("二〇二六"), value_of("十")
    (1203, 35000, 2026, 10)
    """
    if not _PLACED.search(numeral):
        return _plain(numeral)
    if numeral[0] in "百千万亿":
        return None
    total = section = digit = 0
    place = 1
    for char in numeral:
        if char in _DIGITS:
            if digit and char not in "零〇":
                return None
            digit = _DIGITS[char]
            place = 1 if char in "零〇" else place
        elif char in _PLACES:
            place = _PLACES[char]
            section, digit = section + (digit or 1) * place, 0
        else:
            place = _GREAT[char]
            total, section, digit = (total + section + digit) * place, 0, 0
    return total + section + _last(numeral, digit, place)


def _plain(numeral: str) -> int | None:
    """Digits one by one: a single one, or a year and the like; two in a row are a guess."""
    if len(numeral) == 1 or len(numeral) >= 4:
        return int("".join(str(_DIGITS[char]) for char in numeral))
    return None


def _last(numeral: str, digit: int, place: int) -> int:
    """三万五 is 35,000 and 一百二 is 120, but 三万零五 is 30,005 and 十五 is 15."""
    short = place >= 100 and numeral[-1] in _DIGITS and numeral[-2] not in "零〇"
    return digit * place // 10 if short else digit
