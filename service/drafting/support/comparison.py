"""Claims beside their nearest sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from retrieval.types import FloatMatrix, FloatVector
from service.drafting.support.features import features
from service.drafting.support.ground import Source
from service.drafting.support.meaning import Meaning
from service.drafting.support.rarity import Rarity
from service.drafting.support.reading import Claim

NEAREST = 2
"""Sources a claim is held against."""

_ABREAST = 0.1
"""How much less near (cosine) a further source may be."""


class Beside(NamedTuple):
    """A source's id, and the values of `features.NAMES` for a claim beside it."""

    source: str
    found: FloatVector


class Compared(NamedTuple):
    """A claim's vector, shape (dim,), and what it stands beside: nearest sources, nearest first."""

    vector: FloatVector
    beside: tuple[Beside, ...]


def compare(
    claims: Sequence[Claim], sources: Sequence[Source], meaning: Meaning, rarity: Rarity
) -> list[Compared]:
    """Each claim beside its nearest sources; one embedding call for all.

    Raises:
        EmbedderUnavailable: the embedder cannot answer now.
    """
    if not claims:
        return []
    own, units = meaning.of(
        [text for claim in claims for text in (claim.text, *claim.pieces)],
        units_of(sources),
    )
    cuts = np.cumsum([1 + len(claim.pieces) for claim in claims])[:-1]
    edges = np.cumsum([len(source.units) for source in sources])[:-1]
    blocks = np.split(units, edges) if sources else []
    return [
        Compared(vectors[0], _nearest(claim, vectors, sources, blocks, rarity))
        for claim, vectors in zip(claims, np.split(own, cuts), strict=True)
    ]


def units_of(sources: Sequence[Source]) -> list[str]:
    """The texts a claim is held against."""
    return [unit.text for source in sources for unit in source.units]


def _nearest(
    claim: Claim,
    vectors: FloatMatrix,
    sources: Sequence[Source],
    blocks: Sequence[FloatMatrix],
    rarity: Rarity,
) -> tuple[Beside, ...]:
    near = [float((block @ vectors[0]).max()) for block in blocks]
    order = [int(i) for i in np.argsort(-np.array(near), kind="stable")[:NEAREST]]
    return tuple(
        Beside(sources[i].id, features(claim, sources[i], vectors, blocks[i], rarity))
        for i in order
        if near[i] >= near[order[0]] - _ABREAST
    )
