"""Prompt versions as the flows see them."""

from __future__ import annotations

from typing import Protocol

from service.domain.prompt import LabelMove, PromptLabel, PromptSplit, PromptVersion


class PromptStore(Protocol):
    """Append-only versions, label moves and splits."""

    async def lock(self) -> None:
        """Hold the registry until the transaction ends."""
        ...

    async def stamp(self) -> str:
        """Changes with every version, move and split."""
        ...

    async def add_version(self, version: PromptVersion) -> None: ...
    async def version(self, template: str, number: int) -> PromptVersion | None: ...
    async def by_hash(self, digest: str) -> PromptVersion | None: ...
    async def newest(self, template: str) -> PromptVersion | None: ...
    async def versions(self) -> tuple[PromptVersion, ...]:
        """Of every template, by template and number."""
        ...

    async def add_move(self, move: LabelMove) -> None: ...
    async def moves(self) -> tuple[LabelMove, ...]:
        """Oldest first."""
        ...

    async def moves_of(
        self, template: str, community: str | None, label: PromptLabel
    ) -> tuple[LabelMove, ...]:
        """Of exactly this community (None: of everybody), oldest first."""
        ...

    async def add_split(self, split: PromptSplit) -> None: ...
    async def splits(self) -> tuple[PromptSplit, ...]:
        """Oldest first."""
        ...


class PromptShelf(Protocol):
    """The prompts this process works with; they follow the registry."""

    async def refresh(self) -> None:
        """Take up what was changed anywhere; looks at most once a second. The first call records
        the texts this release ships."""
        ...

    def look_again(self) -> None:
        """Look at the next call, whenever the last look was."""
        ...
