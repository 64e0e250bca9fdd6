"""Which cases say the same: what the engine found, what people said of it, and what follows.

People say that two cases belong together or do not; each saying is a fact of its own. A group is
whatever the links in force connect, so taking a saying back gives the group there was before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from service.domain.base import Frozen, Instant
from service.domain.triage import DuplicateKind


class LinkVerdict(StrEnum):
    """What a person says of two cases."""

    MERGED = "merged"
    UNMERGED = "unmerged"


class Pair(NamedTuple):
    """Two cases, the one with the smaller id first."""

    first: str
    second: str


def pair_of(one: str, other: str) -> Pair:
    """The pair, whichever of the two is named first."""
    return Pair(min(one, other), max(one, other))


class DuplicateLink(Frozen):
    """A person's word on two cases. Append-only; the newest word on a pair is in force."""

    id: str
    community: str
    first_id: str
    second_id: str
    verdict: LinkVerdict
    by: str
    at: Instant

    @property
    def pair(self) -> Pair:
        """The two cases."""
        return pair_of(self.first_id, self.second_id)


class LikenessReason(StrEnum):
    """Why two cases are thought to say the same."""

    SAME_TEXT = "same_text"
    LIKE_SPELLING = "like_spelling"
    LIKE_MEANING = "like_meaning"
    SAME_CATEGORY = "same_category"
    SHARED_WORDS = "shared_words"


class Likeness(Frozen):
    """How one case resembles another. `similarity` is that of the spelling for exact and near ones,
    else the cosine of the vectors with each language's mean taken off."""

    kind: DuplicateKind
    similarity: float
    reasons: tuple[LikenessReason, ...]
    words: tuple[str, ...] = ()
    """Words both texts hold, the longest first."""
    category: str | None = None
    """A category both were given or guessed."""


def standing(links: Iterable[DuplicateLink]) -> Mapping[Pair, DuplicateLink]:
    """The newest word on each pair."""
    found: dict[Pair, DuplicateLink] = {}
    for link in sorted(links, key=lambda one: (one.at, one.id)):
        found[link.pair] = link
    return found


def in_force(found: Collection[Pair], links: Iterable[DuplicateLink]) -> frozenset[Pair]:
    """The pairs that hold groups together.

    A pair the engine found counts until a person has spoken about it; a person's word decides.

    Args:
        found: pairs the newest triages name as exact or near duplicates.
    """
    said = standing(links)
    merged = {pair for pair, link in said.items() if link.verdict is LinkVerdict.MERGED}
    return frozenset(merged | {pair for pair in found if pair not in said})


def roots(cases: Iterable[str], pairs: Iterable[Pair]) -> Mapping[str, str]:
    """Case to the first case of its group, itself where it stands alone.

    Union-find; ids are ordered by time, so the smallest id of a group is its first case. The
    result does not depend on the order of the pairs.
    """
    parent = {case: case for case in cases}

    def root(case: str) -> str:
        parent.setdefault(case, case)
        while parent[case] != case:
            parent[case] = parent[parent[case]]
            case = parent[case]
        return case

    for pair in pairs:
        first, second = sorted((root(pair.first), root(pair.second)))
        parent[second] = first
    return {case: root(case) for case in list(parent)}
