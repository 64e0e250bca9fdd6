"""What the store keeps of corrections and of what was learned from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from service.domain.example import Example
from service.domain.override import Override
from service.domain.refit import Refit
from service.domain.report import ExampleChoice


class Overrides(Protocol):
    """Append-only corrections by people."""

    async def lock(self, case_ids: Collection[str]) -> None:
        """Hold the cases' triage until the transaction ends: a correction and a later judgement
        of the same case must see each other."""
        ...

    async def add(self, override: Override) -> None: ...
    async def of_case(self, case_id: str) -> tuple[Override, ...]:
        """Oldest first."""
        ...


class Examples(Protocol):
    """Labelled examples by people."""

    async def lock(self) -> None:
        """Hold the accepted sets until the transaction ends."""
        ...

    async def propose(self, example: Example) -> bool:
        """Add; False when the same text waits or is accepted with this category already. A
        waiting proposal of another category for the text is rejected as superseded."""
        ...

    async def get(self, example_id: str, *, lock: bool = False) -> Example | None: ...
    async def save(self, example: Example) -> None: ...
    async def accepted(self, community: str | None) -> tuple[Example, ...]:
        """Those every community shares, and the community's own; in order of id."""
        ...

    async def chosen(self, community: str | None, choice: ExampleChoice) -> tuple[Example, ...]:
        """What `accepted` gives, none of it, or the waiting ones with it."""
        ...

    async def live(self, community: str | None, hashes: Collection[str]) -> tuple[Example, ...]:
        """Proposed, held or accepted ones of exactly this community with these texts."""
        ...


class Refits(Protocol):
    """Append-only comparisons of sets of examples."""

    async def add(self, refit: Refit) -> None: ...
    async def get(self, refit_id: str) -> Refit | None: ...


class Versions(Protocol):
    """Versions of what engines are built from, by name: `<part>` for every community,
    `<part>/<community>` for one. Written with the change itself; every process compares them with
    what its engines were built from (`bootstrap.engines`)."""

    async def all(self) -> Mapping[str, str]:
        """Name to version; a name never written is missing."""
        ...

    async def put(self, name: str, version: str, at: datetime) -> None:
        """Insert or replace."""
        ...
