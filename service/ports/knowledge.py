"""What suggestions for the FAQ need: a store, and a shelf for the document they make."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol

from service.domain.base import Lang
from service.domain.knowledge import Answered, Suggestion


class Matter(NamedTuple):
    """A case with those that say the same, and the language of its newest approved answer."""

    community: str
    lang: Lang
    case_ids: tuple[str, ...]


class Knowledge(Protocol):
    """Suggestions; part of the unit of work."""

    async def lock(self, community: str) -> None:
        """Hold the community's suggestions until the transaction ends."""
        ...

    async def matter(self, case_id: str) -> Matter | None:
        """None where no approved answer of the case stands."""
        ...

    async def answers(self, case_ids: Collection[str], lang: Lang) -> tuple[Answered, ...]:
        """The newest standing approved answer of each case in this language, newest first; none
        of cases whose author took a message back."""
        ...

    async def standing(self, decision_ids: Collection[str]) -> frozenset[str]:
        """Those whose approval stands and whose author took nothing back."""
        ...

    async def touching(
        self, community: str, case_ids: Collection[str], question_hash: str
    ) -> tuple[Suggestion, ...]:
        """Suggestions of any status that share a case or the question."""
        ...

    async def get(self, suggestion_id: str, *, lock: bool = False) -> Suggestion | None: ...
    async def save(self, suggestion: Suggestion) -> None:
        """Insert or replace."""
        ...

    async def entries(self, community: str, lang: Lang) -> tuple[Suggestion, ...]:
        """Accepted ones, by number."""
        ...

    async def last_number(self, community: str, lang: Lang) -> int:
        """The highest number given out, 0 for none."""
        ...


class Shelf(Protocol):
    """Where the grown FAQ stands among the community's documents."""

    async def require_ours(self, community: str, slug: str) -> None:
        """Whether the document is still the one that grew.

        Raises:
            Conflict: somebody uploaded another under its name.
        """
        ...

    async def put(self, community: str, slug: str, page: bytes, *, by: str) -> None:
        """Store a version; the same content again changes nothing."""
        ...

    async def take_down(self, community: str, slug: str, *, by: str) -> None:
        """Retire it, if it is there.

        Raises:
            NotCompared: the rules without it did not pass yet; the comparison is asked for.
        """
        ...
