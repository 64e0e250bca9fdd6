"""Days and times as a text says them, and whether a text says them."""

from __future__ import annotations

import re
from datetime import date, datetime

from service.domain.base import Lang

_WEEKDAYS = {
    Lang.ZH: ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    Lang.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def spoken_day(day: date, lang: Lang) -> str:
    """With its weekday, so that nobody has to work it out."""
    weekday = _WEEKDAYS[lang][day.weekday()]
    if lang is Lang.ZH:
        return f"{day.year}年{day.month}月{day.day}日（{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def spoken_time(at: datetime, lang: Lang) -> str:
    """Day, weekday and 24-hour time."""
    gap = "" if lang is Lang.ZH else ", "
    return f"{spoken_day(at.date(), lang)}{gap}{at:%H:%M}"


def says_day(text: str, day: date) -> bool:
    """Whether a text names the day, in either language or as digits; the year may be missing."""
    month = f"{_MONTHS[day.month - 1][:3]}[a-z]*\\.?"
    number = rf"{day.day}(?:st|nd|rd|th)?"
    return _found(
        text,
        rf"(?<!\d){day.month}\s*月\s*{day.day}\s*[日号]",
        rf"(?<!\d)0?{day.month}[-/.]0?{day.day}(?!\d)",
        rf"\b{number}\s+(?:of\s+)?{month}",
        rf"\b{month}\s+{number}(?!\d)",
    )


def says_time(text: str, at: datetime) -> bool:
    """Whether a text names the day and the time of day, on the 24-hour or the 12-hour clock."""
    hours = rf"(?:0?{at.hour}|{at.hour % 12 or 12})"
    minutes = f"{at.minute:02d}"
    bare = rf"|(?<!\d){hours}\s*(?:[点时]|[ap]\.?m)" if at.minute == 0 else ""
    half = rf"|(?<!\d){hours}\s*[点时]半" if at.minute == 30 else ""
    return says_day(text, at.date()) and _found(text, rf"(?<!\d){hours}[:：]{minutes}{bare}{half}")


def _found(text: str, *patterns: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
