"""What a model's sentence must show before one key may send it.

Measured beside its source word by word: a model that tells a clause keeps most of its words, and
what it makes up, or applies to another matter, brings words the clause does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from retrieval.segment import search_terms
from service.drafting.support.ground import Source, Unit, of_post
from service.drafting.support.rarity import Rarity
from service.drafting.support.reading import Claim

_FEW = 3
"""Terms under which a part is a turn of phrase ("in the meantime") and may stand in no source."""

_BOUND = frozenset({"restriction", "exception"})
"""Marks of a sentence that says when, to whom or how far it holds."""


class Cover(NamedTuple):
    """`words`: rarity-weighted share of a claim's terms that its source has; `part`: the same of
    the part that has least; both 0 where they are of two languages. `dropped`: the sentence of the
    source that it tells is bound by a number, a limit or an exception, and the claim by none."""

    words: float
    part: float
    dropped: bool = False


def cover(claim: Claim, source: str, sources: Sequence[Source], rarity: Rarity) -> Cover:
    """How much of a claim stands in one source; the brief and the facts of a post count as one."""
    own = [one for one in sources if one.id == source]
    if of_post(source):
        own = [one for one in sources if of_post(one.id)]
    if all(one.lang != claim.lang for one in own):
        return Cover(0.0, 0.0)
    words = frozenset().union(*(one.words for one in own))
    told = [frozenset(search_terms(piece)) for piece in claim.pieces]
    shares = [rarity.share(terms, words) for terms in told if len(terms) >= _FEW]
    whole = rarity.share(claim.terms, words)
    dropped = _dropped(claim, [unit for one in own for unit in one.units], rarity)
    return Cover(whole, min(shares, default=whole), dropped and not of_post(source))


def _dropped(claim: Claim, units: Iterable[Unit], rarity: Rarity) -> bool:
    if claim.counted or claim.marks.families & _BOUND:
        return False
    told = max(units, key=lambda unit: rarity.share(claim.terms, search_terms(unit.text)))
    return bool(told.counted or told.families & _BOUND)
