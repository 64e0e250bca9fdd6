"""A clause's sentences, read for what two of them may differ in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from retrieval.segment import search_terms
from retrieval.splitting import sentence_spans
from service.domain.draft import ContextPassage
from service.drafting.support.marks import Marks, marks_of, places_of
from service.drafting.support.quantities import BARE, Quantity, quantities

FILE = "contrasts.toml"
UNITS = "units.toml"

Stretch = tuple[int, int]
"""Start and end in a sentence."""

_REACH = 12
"""Characters behind a bare number that may say what it counts, and before any that bound it."""

_RATE = re.compile(r"an?[ -](?!half)")
"""The article counts as one: "twice a month" names a rate."""

_MONTHLY = re.compile(r"每个?月\s*\d+\s*[日号]$")
_TO = re.compile(r"\s*(?:到|至|-|–|—|~|～|to|and)\s*")
_MONTH_DAYS, _DAY_MINUTES = 30.0, 1440.0
_NOUN = re.compile(r"\s*[个只张件台]?\s*([\u4e00-\u9fff]{1,2})|\s*((?:[a-z]+\s+)?[a-z]+)")


class Count(NamedTuple):
    """A number by what it counts: `kind` is a dimension, or the unit of a bare number (a class of
    `units.toml`, else the word behind it). `bound`: -1 at most, 1 at least, 0 unsaid. `rough`: days
    told as months or years."""

    kind: str
    value: float
    bound: int
    at: Stretch
    rough: bool = False


class Statement(NamedTuple):
    """One sentence of a clause; `start` is its place there. `modality` is the strongest of what it
    makes of its subject, `said` where it says so; `mixed`: it permits and forbids."""

    start: int
    text: str
    lang: str
    counts: tuple[Count, ...]
    modality: str
    said: tuple[Stretch, ...]
    mixed: bool
    excepts: bool
    absolute: bool
    terms: frozenset[str]


def statements(passage: ContextPassage) -> Iterator[Statement]:
    """The sentences of a clause, in order."""
    for start, end in sentence_spans(passage.text):
        said = passage.text[start:end]
        if text := said.strip():
            yield statement(text, passage.lang, start + len(said) - len(said.lstrip()))


def statement(text: str, lang: str, start: int = 0) -> Statement:
    """One sentence."""
    bare = words().blank.sub(lambda found: " " * len(found[0]), text.lower())
    low, marks = text.lower(), marks_of(bare)
    modality, said = _modality(bare, marks)
    return Statement(
        start=start,
        text=text,
        lang=lang,
        counts=_ranged(low, [_count(low, one) for one in quantities(bare)]),
        modality=modality,
        said=said,
        mixed={"permission", "prohibition"} <= marks.families,
        excepts=bool(words().excepted.search(low)),
        absolute=bool(words().absolute.search(low)),
        terms=frozenset(search_terms(text)),
    )


def _modality(low: str, marks: Marks) -> tuple[str, tuple[Stretch, ...]]:
    for name, pattern in words().modality.items():
        if found := tuple(match.span() for match in pattern.finditer(low)):
            return name, found
    return marks.modality, places_of(low, marks.modality) if marks.modality else ()


def _count(low: str, one: Quantity) -> Count:
    at = (one.start, one.end)
    bound = _bound(low, one)
    if low[one.end : one.end + 1] == "岁":
        return Count("age", one.raw, bound, at)  # 十六周岁 is no sixteen weeks
    if _RATE.match(low[one.start : one.end]) or _MONTHLY.search(low[: one.end]):
        return Count("every" if low[one.start] == "a" else "day of month", one.value, 0, at)
    if one.dimension == "time":
        return Count("days", one.value / _DAY_MINUTES, bound, at)
    if one.dimension == "months":
        return Count("days", one.value * _MONTH_DAYS, bound, at, rough=True)
    if one.dimension == BARE:
        return Count(_unit(low[one.end : one.end + 2 * _REACH]), one.value, bound, at)
    return Count(one.dimension, one.value, bound, at)


def _ranged(low: str, counts: Sequence[Count]) -> tuple[Count, ...]:
    """With "8 to 20 people" as at least 8 people and at most 20."""
    found = list(counts)
    for n, (one, other) in enumerate(pairwise(counts)):
        if _TO.fullmatch(low[one.at[1] : other.at[0]]):
            found[n] = one._replace(kind=other.kind, bound=1)
            found[n + 1] = other._replace(bound=-1)
    return tuple(found)


def _unit(behind: str) -> str:
    for name, pattern in words().units.items():
        if pattern.match(behind):
            return f"#{name}"
    noun = _NOUN.match(behind)
    return (noun[1] or noun[2]) if noun else ""


def _bound(low: str, one: Quantity) -> int:
    before, behind = low[max(0, one.start - _REACH) : one.start], low[one.end : one.end + _REACH]
    for sign, (ahead, after) in ((1, words().least), (-1, words().most)):
        if ahead.search(before) or after.match(behind):
            return sign
    return 0


class Words(NamedTuple):
    """The lists of `contrasts.toml` and `units.toml` as patterns."""

    excepted: re.Pattern[str]
    absolute: re.Pattern[str]
    blank: re.Pattern[str]
    modality: Mapping[str, re.Pattern[str]]
    least: tuple[re.Pattern[str], re.Pattern[str]]
    most: tuple[re.Pattern[str], re.Pattern[str]]
    scales: tuple[tuple[re.Pattern[str], ...], ...]
    units: Mapping[str, re.Pattern[str]]


@cache
def words() -> Words:
    """The shipped lists."""
    given, units = (
        tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
        for name in (FILE, UNITS)
    )
    bounds = given["bounds"]
    return Words(
        excepted=_any(given["excepted"]),
        absolute=_any(given["absolute"]),
        blank=_any(given["blank"]),
        modality={name: _any(lists) for name, lists in given["modality"].items()},
        least=(_ending(bounds["least"]), _any(bounds["least_behind"])),
        most=(_ending(bounds["most"]), _any(bounds["most_behind"])),
        scales=tuple(
            tuple(_place(zh, en) for zh, en in zip(one["zh"], one["en"], strict=True))
            for one in given["scales"]
        ),
        units={name: _behind(lists) for name, lists in units.items()},
    )


def _any(lists: Mapping[str, list[str]]) -> re.Pattern[str]:
    return re.compile("|".join((*lists["zh"], *lists["en"])))


def _ending(lists: Mapping[str, list[str]]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join((*lists['zh'], *lists['en']))})[\s为是至]*$")


def _place(zh: list[str], en: list[str]) -> re.Pattern[str]:
    english = (word.replace("*", r"\w*") for word in en)
    return re.compile("|".join((*zh, *(rf"\b(?:{word})\b" for word in english))))


def _behind(lists: Mapping[str, list[str]]) -> re.Pattern[str]:
    zh = "|".join(map(re.escape, sorted(map(str.lower, lists["zh"]), key=len, reverse=True)))
    en = "|".join(map(_open, lists["en"]))
    return re.compile(rf"\s*(?:{zh})|[\s-]*(?:[a-z]+\s+)?(?:{en})\b")


def _open(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*")
