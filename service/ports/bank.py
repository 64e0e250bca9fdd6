"""Managed terms of the phrase bank and looks at personal data, as the flows see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from service.domain.bank import BankTerm
from service.domain.reveal import Reveal


class BankTerms(Protocol):
    """Managed terms of the phrase bank."""

    async def lock(self) -> None:
        """Hold the sets of terms until the transaction ends."""
        ...

    async def add(self, terms: Sequence[BankTerm]) -> int:
        """Append; a phrase that is active with this code already is left as it is. How many are
        new."""
        ...

    async def get(self, term_id: str, *, lock: bool = False) -> BankTerm | None: ...
    async def save(self, term: BankTerm) -> None: ...
    async def active(self, community: str | None, *, own: bool = False) -> tuple[BankTerm, ...]:
        """Those every community shares and the community's own, or its own alone."""
        ...


class Reveals(Protocol):
    """Append-only looks at personal data."""

    async def add(self, reveal: Reveal) -> None: ...
    async def of_case(self, case_id: str) -> tuple[Reveal, ...]:
        """Oldest first."""
        ...
