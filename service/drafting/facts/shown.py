"""Numbers, lengths of time and dates in words of both languages; the same value reads the same."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from service.domain.base import Lang

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Unit(NamedTuple):
    """What is counted; `one` and `many` are English."""

    zh: str
    one: str
    many: str


SECONDS = Unit("秒", "second", "seconds")
MINUTES = Unit("分钟", "minute", "minutes")
HOURS = Unit("小时", "hour", "hours")
DAYS = Unit("天", "day", "days")
POINTS = Unit("个百分点", "percentage point", "percentage points")


def rounded(value: Fraction | float, places: int = 1) -> Decimal:
    """Half up, from the exact value, without trailing zeros.

    A float is read as it prints, so that 2.675 rounds as people expect.
    """
    exact = (
        Decimal(value.numerator) / Decimal(value.denominator)
        if isinstance(value, Fraction)
        else Decimal(repr(float(value)))
    )
    found = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


def number(value: Decimal | int, *, signed: bool = False) -> str:
    """With commas: `1,204`, `12.5`; `+3` and `-3` where the sign tells a change."""
    if not value:
        return "0"
    return f"{Decimal(value):+,f}" if signed else f"{Decimal(value):,f}"


def amount(value: Decimal | int, unit: Unit | None, lang: Lang, *, signed: bool = False) -> str:
    """A number with its unit."""
    text = number(value, signed=signed)
    if unit is None:
        return text
    if lang is Lang.ZH:
        return f"{text} {unit.zh}"
    return f"{text} {unit.one if abs(value) == 1 else unit.many}"


def percent(share: Fraction | float, *, signed: bool = False) -> str:
    """A share (1 is all) in percent, to one decimal place."""
    return f"{number(rounded(share * 100), signed=signed)}%"


def length(seconds: float, lang: Lang) -> str:
    """A length of time in its largest fitting unit, to one decimal place."""
    for size, unit in ((_DAY, DAYS), (_HOUR, HOURS), (_MINUTE, MINUTES)):
        if abs(seconds) >= size:
            return amount(rounded(Fraction(seconds) / size), unit, lang)
    return amount(rounded(seconds, 0), SECONDS, lang)


def day(value: date, lang: Lang) -> str:
    """A date."""
    if lang is Lang.ZH:
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def moment(value: datetime, lang: Lang) -> str:
    """A date with the time; `value` is local already."""
    joint = " " if lang is Lang.ZH else ", "
    return f"{day(value.date(), lang)}{joint}{value:%H:%M}"
