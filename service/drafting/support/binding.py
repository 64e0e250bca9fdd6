"""Which number of a clause belongs to what: "7 days on Free, 365 on Pro" gives Free no 365."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.drafting.support.ground import Source
from service.drafting.support.quantities import Quantity, agree, quantities
from service.drafting.support.reading import Claim, terms_beside

_CUT = re.compile(r"[，；;。！？!?：\n]|[,:.](?!\d)| and | but ")

_Told = tuple[str, tuple[Quantity, ...]]


def misbound(claim: Claim, source: Source) -> bool:
    """Whether a part of a claim takes its number from one part of a source and its words from
    another, which gives another number of the same kind.

    It must have no word that the one part alone has, and one that the other part alone has. Only
    within one language, and only parts of a source that give one number of that kind.
    """
    if claim.lang != source.lang:
        return False
    told = list(dict.fromkeys(part for unit in source.units for part in _parts(unit.text)))
    return any(
        _elsewhere(piece, one, told) for piece, counted in _parts(claim.text) for one in counted
    )


def _parts(text: str) -> Iterator[_Told]:
    for part in _CUT.split(text):
        if counted := quantities(part):
            yield part, counted


def _elsewhere(piece: str, one: Quantity, told: list[_Told]) -> bool:
    words, own, others = terms_beside(piece), frozenset[str](), frozenset[str]()
    for part, counted in told:
        same = [other for other in counted if other.dimension == one.dimension]
        if len(same) == 1 and agree(one, same[0]):
            own |= terms_beside(part)
        elif len(same) == 1:
            others |= terms_beside(part)
    return bool(own) and not words & (own - others) and bool(words & (others - own))
