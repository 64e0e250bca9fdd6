"""Numbers with what they count, so that "two weeks" meets "14 天" and "half past seven" 19:30."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from service.drafting.support.numerals import (
    CHINESE_WORD,
    DIGITS,
    ENGLISH,
    ENGLISH_WORD,
    number,
)

BARE = "bare"
_NAMED = frozenset({"weekday", "every"})
"""What is named and not counted: "Friday" is no five."""

_HALF_DAY = 12 * 60
_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_VERBS = ("may", "march")
_MINUTES = {
    "分钟": 1, "小时": 60, "天": 1440, "日": 1440, "工作日": 1440, "周": 10080, "星期": 10080,
    "minute": 1, "hour": 60, "day": 1440, "dai": 1440, "week": 10080,
}  # fmt: skip
_IN_MONTHS = {"月": 1, "季度": 3, "年": 12, "month": 1, "quarter": 3, "year": 12}

_Reading = tuple[str, float, float]
"""Dimension, value in it, the number as written."""


class Quantity(NamedTuple):
    """One number in a text: what it counts, its value there, and the number as written."""

    dimension: str
    value: float
    raw: float
    start: int
    end: int


def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number of a text once, in its most telling reading, in order."""
    found: list[Quantity] = []
    plain = text.translate(_WIDE).lower()
    for pattern, read in _READERS:
        for match in pattern.finditer(plain):
            start, end = match.span()
            if all(end <= one.start or start >= one.end for one in found) and (
                given := read(match)
            ):
                found.append(Quantity(*given, start, end))
    return tuple(sorted(found, key=lambda one: one.start))


def unmatched(claimed: Iterable[Quantity], ground: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """Those of the first that no quantity of the second agrees with."""
    known = tuple(ground)
    return tuple(one for one in claimed if not any(agree(one, other) for other in known))


def agree(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers say the same of the same."""
    if one.dimension == other.dimension:
        return one.value == other.value
    both = {one.dimension, other.dimension}
    if "every" in both and both & {"time", "months"}:
        return (one.value, one.raw) == (other.value, other.raw)  # "a week" beside "every week"
    if BARE not in both or both & _NAMED:
        return False
    return (one.raw - other.raw) % 12 == 0 if "clock" in both else one.raw == other.raw


def _clock(match: re.Match[str]) -> _Reading:
    hour, minute = int(match["h"]), int(match["m"])
    return "clock", (hour * 60 + minute) % _HALF_DAY, float(hour)


def _hour(match: re.Match[str]) -> _Reading | None:
    hour = number(match["n"])
    if hour is None or match["n"] == "一":  # "一点" is mostly "a little"
        return None
    half = 30 if match.groupdict().get("half") else 0
    return "clock", (hour * 60 + half) % _HALF_DAY, hour


def _weekday_zh(match: re.Match[str]) -> _Reading:
    day = float(_DAYS_ZH.index(match["d"].replace("天", "日")))
    return "weekday", day, day


def _weekday_en(match: re.Match[str]) -> _Reading:
    day = float(_DAYS_EN.index(match["d"]))
    return "weekday", day, day


def _date_zh(match: re.Match[str]) -> _Reading:
    return _date(float(match["n"]), float(match["day"] or 0))


def _date_en(match: re.Match[str]) -> _Reading | None:
    day = float(match["day"] or match["after"] or 0)
    if match["mon"] in _VERBS and not day:
        return None
    return _date(float(_MONTHS.index(match["mon"]) + 1), day)


def _date(month: float, day: float) -> _Reading:
    return "date", month * 100 + day, day or month


def _count(dimension: str, match: re.Match[str]) -> _Reading | None:
    value = number(match["n"])
    return None if value is None else (dimension, value, value)


def _span(match: re.Match[str]) -> _Reading | None:
    count, unit = number(match["n"]), match["u"]
    if count is None:
        return None
    count += 0.5 if match.groupdict().get("half") else 0
    if unit in _MINUTES:
        return "time", count * _MINUTES[unit], count
    return "months", count * _IN_MONTHS[unit], count


def _every(match: re.Match[str]) -> _Reading:
    return "every", float(_MINUTES.get(match["u"]) or _IN_MONTHS[match["u"]]), 1.0


def _times(match: re.Match[str]) -> _Reading:
    value = 1.0 if match[0] == "once" else 2.0
    return "times", value, value


_WIDE = str.maketrans("０１２３４５６７８９：", "0123456789:")
_ZH = rf"(?P<n>{DIGITS}|{CHINESE_WORD})"
_EN = rf"(?P<n>{DIGITS}|\b(?:{ENGLISH_WORD}))"
_MONEY = r"(?:元|块钱?|[欧美]元|yuan|rmb|dollars?|euros?)"
_COUNTERS = "[个位次条款场张本篇人台份项轮名封支]"
_LATER = "[第上下这那同某每]"
"""Before a number word: an ordinal or a pointer, such as 第二天 or 上一周."""

_PAIRS: tuple[tuple[str, Callable[[re.Match[str]], _Reading | None]], ...] = (
    (r"(?<![\d.])(?P<h>\d{1,2}):(?P<m>\d{2})", _clock),
    (rf"(?P<half>half past) (?P<n>\d{{1,2}}|{ENGLISH_WORD})\b", _hour),
    (r"\b(?:each|every|per) (?P<u>day|week|month|quarter|year)\b", _every),
    (r"\b(?P<u>dai|week|month|quarter|year)ly\b", _every),
    (rf"每个?(?P<u>天|日|周|月|季度|年)(?![{_DAYS_ZH}天](?!{_COUNTERS}))", _every),
    (rf"(?<![这那有早快晚差])(?<!\d){_ZH}\s*点(?P<half>半)?", _hour),
    (rf"{_EN}(?= (?:in the (?:morning|evening|afternoon)|o'clock|the evening|[ap]\.?m\b))", _hour),
    (rf"(?:周|星期|礼拜)(?P<d>[{_DAYS_ZH}天])(?!{_COUNTERS})", _weekday_zh),
    (rf"\b(?P<d>{'|'.join(_DAYS_EN)})days?\b", _weekday_en),
    (r"(?<!\d)(?P<n>\d{1,2})\s*月(?:\s*(?P<day>\d{1,2})\s*[日号])?", _date_zh),
    (
        rf"\b(?:(?P<day>\d{{1,2}}) )?(?P<mon>{'|'.join(_MONTHS)})\b(?: (?P<after>\d{{1,2}})\b)?",
        _date_en,
    ),
    (rf"[¥￥$€£]\s*{_ZH}", partial(_count, "money")),
    (rf"{_ZH}\s*{_MONEY}", partial(_count, "money")),
    (rf"{_EN}\s*{_MONEY}", partial(_count, "money")),
    (rf"{_ZH}\s*(?:%|％|percent)", partial(_count, "percent")),
    (
        rf"(?<!{_LATER}){_ZH}\s*个?\s*(?P<u>工作日|小时|分钟|季度|星期|天|日|周|月|年)(?P<half>半)?",
        _span,
    ),
    (
        rf"{_EN}[ -](?:working |business |whole |further |full )?"
        r"(?P<u>minute|hour|day|week|month|quarter|year)s?\b",
        _span,
    ),
    (r"(?<!at )\bonce\b(?! you)|\btwice\b", _times),
    (rf"(?<![a-z\d_.#])(?P<n>{DIGITS})", partial(_count, BARE)),
    (
        rf"(?<![第其统之唯万])(?P<n>[二两三四五六七八九十百千万][一二三四五六七八九十百千万]*)"
        rf"(?=\s*{_COUNTERS})",
        partial(_count, BARE),
    ),
    (
        rf"\b(?P<n>{'|'.join(word for word in ENGLISH if len(word) > 2 and word != 'one')})\b",
        partial(_count, BARE),
    ),
)
_READERS = tuple((re.compile(pattern), read) for pattern, read in _PAIRS)
"""Tried in this order; a later one never reads what an earlier one took."""
