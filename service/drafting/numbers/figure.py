"""A number as it stands in a text, and when two of them are the same."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Unit(StrEnum):
    """What a number counts; NONE where the text does not say."""

    NONE = ""
    PERCENT = "percent"
    POINTS = "points"
    FOLD = "fold"
    LEVEL = "level"
    MONEY = "money"
    PEOPLE = "people"
    THINGS = "things"
    CLOCK = "clock"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    MONTH_NAME = "month_name"
    YEAR = "year"


_ALONE = frozenset({Unit.PERCENT, Unit.POINTS, Unit.FOLD})
"""A number with one of these is never the same as a number without."""


class Figure(NamedTuple):
    """A number at `start` to `end`; `value` is its normal form, such as "1204", "12.5", "9:05".

    `spelled` tells that it stands in words.
    """

    start: int
    end: int
    value: str
    unit: Unit = Unit.NONE
    spelled: bool = False

    def same(self, other: Figure) -> bool:
        """Whether both can be the same number: equal, and nothing speaks against the unit."""
        if self.unit is not other.unit and (
            _ALONE & {self.unit, other.unit} or Unit.NONE not in (self.unit, other.unit)
        ):
            return False
        return self.value == other.value or bool(self._clocks() & other._clocks())

    def _clocks(self) -> frozenset[str]:
        """A time of day with and without the noon added: 7 may be 19:00."""
        found = re.fullmatch(r"(\d{1,2})(?::(\d\d))?", self.value)
        if self.unit is not Unit.CLOCK and ":" not in self.value:
            return frozenset()
        if found is None or int(found[1]) > 24:
            return frozenset()
        return frozenset({f"{int(found[1]) % 12}:{found[2] or '00'}"})


def normal(digits: str) -> str:
    """The normal form of digits as written: no commas between thousands, no leading zeros."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    head, mark, rest = digits.partition(":" if ":" in digits else ".")
    return (head.lstrip("0") or "0") + mark + rest
