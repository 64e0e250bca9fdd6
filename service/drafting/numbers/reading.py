"""Every number of a text, in digits, Chinese characters or English words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from service.drafting.numbers import chinese, english
from service.drafting.numbers.figure import Figure, Unit, normal
from service.drafting.numbers.units import unit_at

_FULL_WIDTH = str.maketrans("０１２３４５６７８９％：．", "0123456789%:.")
_LIST_MARK = re.compile(
    r"^[ \t]*(?:[(（]?\d{1,2}[.)、．）](?!\d)|[(（]?[一二三四五六七八九十]{1,3}[、）)])",
    re.MULTILINE,
)
_DOTTED_DAY = re.compile(r"(?<![\d.])(\d{4})\.(\d{1,2})\.(\d{1,2})(?![\d.])")
_DIGITS = re.compile(r"(?<![A-Za-z0-9_.#])Q?\d+(?:[.,:]\d+)*")
_GREAT = re.compile(r"\s*([百千万亿])(?![分般])|\s?(k|thousand|million|billion)\b", re.IGNORECASE)
_FACTOR = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_FACTOR |= {"k": 1000, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}

_N = chinese.NUMERAL
_PERCENT_OF = re.compile(rf"百分之({_N}+(?:点{_N}+)?)")
_TENTHS = re.compile(rf"(?<!{_N})([一二两三四五六七八九])成(?![员功为立了本果就都交长熟分语])")
_RUN = re.compile(rf"{_N}+")
_VAGUE_BEFORE = re.compile(r"(?<![人息条次件总个])数\s?$|[几第双]\s?$|\d\s?$")
_WEEKDAY = re.compile(r"(?:星期|礼拜|.?周)[一二三四五六](?=[一二三四五六七八九十])")
_NOT_A_NUMBER = re.compile(r"假期|长假|黄金周|国庆|分(?!钟|之)|足|来|几|余|多(?=[个条人次天])")


def read(text: str) -> tuple[Figure, ...]:
    """The numbers in the order they stand. Marks of a list, clause-like ordinals (第三) and vague
    amounts (几十) are none."""
    plain = text.translate(_FULL_WIDTH)
    plain = _LIST_MARK.sub(lambda match: " " * len(match[0]), plain)
    plain = _DOTTED_DAY.sub(r"\1-\2-\3", plain)
    found = [*_digits(plain), *_characters(plain), *_words(plain)]
    return tuple(sorted(found))


def _digits(text: str) -> Iterator[Figure]:
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        value = normal(match[0].lstrip("Q"))
        if (great := _GREAT.match(text, end)) and re.fullmatch(r"\d+(?:\.\d+)?", value):
            end, value = great.end(), _times(value, great[1] or great[2])
        unit = Unit.CLOCK if re.fullmatch(r"\d{1,2}:\d\d", value) else unit_at(text, start, end)
        yield Figure(start, end, _trimmed(value, unit), unit)


def _times(value: str, great: str) -> str:
    product = Decimal(value) * _FACTOR[great.lower()]
    return f"{product.normalize():f}"


def _trimmed(value: str, unit: Unit) -> str:
    """`12.50` yuan are `12.5`; without a unit it may be a version or a clause."""
    if unit is Unit.NONE or value.count(".") != 1:
        return value
    return value.rstrip("0").rstrip(".")


def _characters(text: str) -> Iterator[Figure]:
    taken: list[tuple[int, int]] = []
    for match in _PERCENT_OF.finditer(text):
        whole, _, part = match[1].partition("点")
        if (value := chinese.value_of(whole)) is not None:
            digits = "".join(str(chinese.value_of(char)) for char in part)
            taken.append(match.span())
            shown = f"{value}.{digits}" if digits else str(value)
            yield Figure(*match.span(), shown, Unit.PERCENT, spelled=True)
    for match in _TENTHS.finditer(text):
        taken.append(match.span())
        value = chinese.value_of(match[1])
        yield Figure(*match.span(), f"{value}0", Unit.PERCENT, spelled=True)
    for match in _RUN.finditer(text):
        if not any(start <= match.start() < end for start, end in taken):
            yield from _numeral(text, match)


def _numeral(text: str, match: re.Match[str]) -> Iterator[Figure]:
    start, end = match.span()
    unit = unit_at(text, start, end)
    if unit is Unit.CLOCK and _WEEKDAY.match(text, max(0, start - 2)):
        start += 1  # 周六十点 is ten o'clock on Saturday
    value = chinese.value_of(text[start:end])
    if value is None or _VAGUE_BEFORE.search(text, max(0, start - 3), start):
        return
    if _NOT_A_NUMBER.match(text, end):
        return
    if end - start == 1 and (unit is Unit.NONE or text[start] in "一零〇"):
        return  # 一 and a lone numeral are mostly a figure of speech
    yield Figure(start, end, str(value), unit, spelled=True)


def _words(text: str) -> Iterator[Figure]:
    for match in english.WORDS.finditer(text):
        start, end = match.span()
        value, unit = english.value_of(match[0]), unit_at(text, start, end)
        before = re.search(r"\d\s?$", text[max(0, start - 2) : start])
        lone = match[0].lower() in ("one", "zero", "hundred", "thousand", "million", "billion")
        if before or (lone and unit not in (Unit.PERCENT, Unit.POINTS)):
            continue
        yield Figure(start, end, str(value), unit, spelled=True)
