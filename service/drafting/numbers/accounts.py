"""Which fact each number of a text is, or why it is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from service.domain.draft import Fact
from service.drafting.numbers.figure import Figure
from service.drafting.numbers.places import Places, direction, overlap
from service.drafting.numbers.reading import read

_NEAR = 0.6
"""Share of a label's words in a sentence from which a number there is taken for its own."""

_GAP = 3
"""Characters between the numbers of one value at most."""

_FEWER = re.compile(r"少于 ?\d+ ?\S|fewer than \d+ \w+", re.IGNORECASE)


class Wrong(StrEnum):
    """What is wrong with a number."""

    UNKNOWN = "unsupported_number"
    CHANGED = "changed_number"
    TURNED = "changed_direction"


class Account(NamedTuple):
    """A number of the text. `fact` is the one it is; with `wrong`, the one it seems to be of."""

    figure: Figure
    fact: Fact | None = None
    wrong: Wrong | None = None


class _Known(NamedTuple):
    fact: Fact
    figures: tuple[Figure, ...]

    def beside(self, known: Sequence[_Known], name: str) -> list[_Known]:
        """What stands beside this fact under that name: the period before, or the change."""
        return [one for one in known if one.fact.id == f"{self.fact.id}.{name}"]

    def has(self, figure: Figure) -> bool:
        return any(figure.same(one) for one in self.figures)


def accounts(text: str, facts: Sequence[Fact], stated: str) -> tuple[Account, ...]:
    """Every number of the text, in order.

    Args:
        stated: what else may be repeated: brief, clauses, instruction.
    """
    known = [_Known(fact, read(_FEWER.sub("", fact.value))) for fact in facts]
    places = Places(text, [fact.label for fact in facts if read(fact.label)], _bounds(facts))
    given = read(stated)
    return tuple(_each(read(places.readable), places, known, given))


def _each(
    figures: Sequence[Figure], places: Places, known: Sequence[_Known], given: Sequence[Figure]
) -> Iterator[Account]:
    """A value of several numbers, such as a date, belongs to its label as a whole; what follows in
    brackets stands beside it."""
    owners: list[_Known] = []
    counts: list[_Known] = []
    last = 0
    for figure in figures:
        labelled = [one for one in known if places.labelled(figure, one.fact.label)]
        goes_on = bool(owners and figure.start - last <= _GAP and len(owners[0].figures) > 1)
        name = places.aside(figure) if places.bracketed(last, figure.start) else None
        beside = [two for one in counts for two in one.beside(known, name)] if name else []
        kept = bool(goes_on or beside)
        owners = labelled or beside or (owners if goes_on else [])
        counts, last = labelled or (counts if kept else []), figure.end
        yield _account(figure, places, owners, known, given)


def _bounds(facts: Iterable[Fact]) -> list[str]:
    """Phrases such as "fewer than 3 people": they are no counts."""
    return [match[0] for fact in facts for match in _FEWER.finditer(fact.value)]


def _account(
    figure: Figure,
    places: Places,
    owners: Sequence[_Known],
    known: Sequence[_Known],
    given: Sequence[Figure],
) -> Account:
    if owners and not any(one.has(figure) for one in owners):
        return Account(figure, owners[0].fact, Wrong.CHANGED)
    found = [one.fact for one in (owners or known) if one.has(figure)]
    if found:
        return _told(figure, places, found)
    if any(figure.same(one) for one in given):
        return Account(figure)
    near = _nearest(figure, places, known)
    return Account(figure, near, Wrong.CHANGED if near else Wrong.UNKNOWN)


def _told(figure: Figure, places: Places, found: Sequence[Fact]) -> Account:
    """The fact whose label stands nearest in words; of changes, one that goes the way told."""
    way = direction(places, figure)
    agreeing = [fact for fact in found if not way or _way(fact) in (0, way)]
    sentence = places.sentence(figure)
    best = max(agreeing or found, key=lambda fact: overlap(fact.label, sentence))
    return Account(figure, best, None if agreeing else Wrong.TURNED)


def _way(fact: Fact) -> int:
    """1 for an increase, -1 for a decrease, 0 for what is no change."""
    return {"+": 1, "-": -1}.get(fact.value[:1], 0)


def _nearest(figure: Figure, places: Places, known: Sequence[_Known]) -> Fact | None:
    """The fact a number of its unit seems to be of."""
    sentence = places.sentence(figure)
    scored = sorted(_scored(figure, sentence, known), key=lambda pair: -pair[0])
    return scored[0][1] if scored and scored[0][0] >= _NEAR else None


def _scored(figure: Figure, sentence: str, known: Sequence[_Known]) -> Iterator[tuple[float, Fact]]:
    for one in known:
        if any(figure.same(other._replace(value=figure.value)) for other in one.figures):
            yield overlap(one.fact.label, sentence), one.fact
