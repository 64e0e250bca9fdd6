"""A count with its fellows of the period before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.domain.draft import Fact

BESIDE = ("before", "change", "percent")
"""Last parts of the ids of what stands beside a count."""


class Family(NamedTuple):
    """A fact, what it was in the period before, and the change."""

    fact: Fact
    before: Fact | None = None
    change: Fact | None = None
    percent: Fact | None = None

    @property
    def beside(self) -> tuple[Fact, ...]:
        """Those there are beside the fact."""
        return tuple(one for one in (self.before, self.change, self.percent) if one)


def families(facts: Sequence[Fact]) -> tuple[Family, ...]:
    """In the order of their first facts."""
    known = {fact.id: fact for fact in facts}
    return tuple(
        Family(fact, *(known.get(f"{fact.id}.{what}") for what in BESIDE))
        for fact in facts
        if not _beside(fact.id, known)
    )


def _beside(fact_id: str, known: dict[str, Fact]) -> bool:
    head, _, tail = fact_id.rpartition(".")
    return tail in BESIDE and head in known
