"""What the store keeps of changed messages, and what it knows of a draft's freshness."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from service.domain.case import CaseText
from service.domain.change import MessageChange
from service.domain.draft import ContextPassage


class Changes(Protocol):
    """Append-only changes of messages. Edited texts come with `Cases.texts`."""

    async def add(self, changes: Sequence[MessageChange]) -> frozenset[str]:
        """Append; the ids that were new."""
        ...

    async def withdrawn(self, case_id: str) -> bool:
        """Whether the member took back a message of the case."""
        ...

    async def left(self, case: CaseText) -> bool:
        """Whether the author left after writing it, and wrote nothing since."""
        ...

    async def answered(self, case: CaseText, staff: Collection[str]) -> bool:
        """Whether one of these wrote after the case's first message, in answer to one of its
        messages or in its thread."""
        ...

    async def outdated(self, community: str, cited: Collection[ContextPassage]) -> bool:
        """Whether a clause reads otherwise now, or is gone."""
        ...
