"""Numbers for texts: computed, never generated."""

from __future__ import annotations

from typing import Protocol

from service.domain.draft import Fact
from service.domain.fact import FactAsk


class FactSource(Protocol):
    """Computes facts from the database."""

    @property
    def groups(self) -> frozenset[str]:
        """Names of the groups that can be asked for."""
        ...

    async def require(self, ask: FactAsk) -> None:
        """Whether it can be answered, before anything is stored.

        Raises:
            NotFound: no such community, or subject.
            InvalidInput: no such group, or the period is empty or too long.
        """
        ...

    async def facts(self, ask: FactAsk) -> tuple[Fact, ...]:
        """The facts, in the order of the groups; ids are unique.

        Raises:
            NotFound, InvalidInput: as `require`.
        """
        ...
