"""Whether two sentences say different things, taken that they speak of the same matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from service.domain.conflict import Difference
from service.drafting.support.marks import OPPOSED
from service.drafting.support.statements import Count, Statement, Stretch, words

_ALIKE = 0.07
"""Share by which lengths of time may differ and be the same: a month is 28 to 31 days."""

_RATE, _HOURS = "every", "clock"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class Clash(NamedTuple):
    """What two sentences differ in, and the stretches that say so, by place in each sentence."""

    differs: Difference
    own: tuple[Stretch, ...]
    theirs: tuple[Stretch, ...]
    kind: str = ""


def clash(one: Statement, other: Statement) -> Clash | None:
    """By a count of the same thing, or by permission against prohibition and the like."""
    if frozenset({one.modality, other.modality}) in OPPOSED:
        return Clash(Difference.PERMISSION, one.said, other.said)
    for kind, own, theirs in _comparable(one, other):
        if not (_spans(own, theirs) or _agreed(kind, own, theirs)):
            return Clash(Difference.VALUE, _places(own), _places(theirs), kind)
    return None


def apart(one: Statement, other: Statement) -> bool:
    """Whether words say that the two rule different cases: other people, times, years, stages; or
    that one is the other's exception."""
    texts = (one.text.lower(), other.text.lower())
    if (one.excepts or other.excepts) and not (one.absolute or other.absolute):
        return True
    if _differ(*(frozenset(_YEAR.findall(text)) for text in texts)):
        return True
    placed = (tuple(_standing(text, scale) for text in texts) for scale in words().scales)
    return any(_differ(own, theirs) for own, theirs in placed)


def _comparable(
    one: Statement, other: Statement
) -> Iterable[tuple[str, Sequence[Count], Sequence[Count]]]:
    """Numbers of either that count the same; those of different rates count nothing alike."""
    own, theirs = _by_kind(one), _by_kind(other)
    rates = [{count.value for count in side.get(_RATE, ())} for side in (own, theirs)]
    if all(rates) and not rates[0] & rates[1]:
        alone = len(own) == len(theirs) == 1
        return [(_RATE, own[_RATE], theirs[_RATE])] if alone else []
    return [
        (mine, own[mine], theirs[yours])
        for mine, yours in product(own, theirs)
        if mine == yours or _same_noun(mine, yours, one.lang == other.lang)
    ]


def _by_kind(statement: Statement) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {}
    for count in statement.counts:
        if not _is_year(statement.text, count):
            found.setdefault(count.kind, []).append(count)
    return found


def _is_year(text: str, count: Count) -> bool:
    return _YEAR.fullmatch(text[slice(*count.at)]) is not None


def _same_noun(one: str, other: str, same_lang: bool) -> bool:
    """Whether the words behind two bare numbers name one thing; where one says nothing they may."""
    if not same_lang or "#" in one[:1] + other[:1]:
        return False
    return bool(set(one.split()) & set(other.split())) or one[:1] == other[:1]


def _agree(one: Count, other: Count) -> bool:
    if one.bound * other.bound < 0:  # at least beside at most: a range
        least, most = (one, other) if one.bound > 0 else (other, one)
        return least.value <= most.value
    if one.rough is not other.rough:
        return abs(one.value - other.value) <= _ALIKE * max(one.value, other.value)
    return one.value == other.value


def _agreed(kind: str, own: Sequence[Count], theirs: Sequence[Count]) -> bool:
    """Whether some number of both agrees; hours come in pairs, so all of one side must."""
    if kind == _HOURS:
        mine, yours = ({one.value for one in side} for side in (own, theirs))
        return mine <= yours or yours <= mine
    return any(_agree(a, b) for a, b in product(own, theirs))


def _spans(own: Sequence[Count], theirs: Sequence[Count]) -> bool:
    """Whether one side gives a range that holds a number of the other."""
    return _within(own, theirs) or _within(theirs, own)


def _within(range_: Sequence[Count], counts: Sequence[Count]) -> bool:
    least = [one.value for one in range_ if one.bound > 0]
    most = [one.value for one in range_ if one.bound < 0]
    if not least or not most:
        return False
    return any(min(least) <= one.value <= max(most) for one in counts)


def _places(counts: Iterable[Count]) -> tuple[Stretch, ...]:
    return tuple(count.at for count in counts)


def _standing(text: str, scale: tuple[re.Pattern[str], ...]) -> frozenset[object]:
    return frozenset(n for n, place in enumerate(scale) if place.search(text))


def _differ(own: frozenset[object], theirs: frozenset[object]) -> bool:
    return bool(own - theirs and theirs - own)
