"""Numbers in digits and in words of both languages."""

from __future__ import annotations

_ZH_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_ZH_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

_UP_TO_TWENTY = """zero one two three four five six seven eight nine ten eleven twelve thirteen
fourteen fifteen sixteen seventeen eighteen nineteen twenty"""
_TENS = "thirty forty fifty sixty seventy eighty ninety"
ENGLISH = (
    {word: float(value) for value, word in enumerate(_UP_TO_TWENTY.split())}
    | {word: 10.0 * value for value, word in enumerate(_TENS.split(), start=3)}
    | {"a": 1.0, "an": 1.0, "hundred": 100.0}
)
"""Words before a unit; the articles count as one there."""

DIGITS = r"\d+(?:[.,]\d+)*"
CHINESE_WORD = f"[{''.join(_ZH_DIGITS)}{''.join(_ZH_SCALES)}]+|半"
ENGLISH_WORD = "|".join(sorted(ENGLISH, key=len, reverse=True))


def number(written: str) -> float | None:
    """The value of a number as written, lower case; None for what only looks like one (3.2.1)."""
    if written in ENGLISH:
        return ENGLISH[written]
    if not written[:1].isdigit():
        return 0.5 if written == "半" else _chinese(written)
    try:
        return float(written.replace(",", ""))
    except ValueError:
        return None


def _chinese(written: str) -> float:
    whole, part = 0, 0
    for char in written:
        if char in _ZH_DIGITS:
            part = _ZH_DIGITS[char]
        else:
            whole, part = whole + (part or 1) * _ZH_SCALES[char], 0
    return float(whole + part)
