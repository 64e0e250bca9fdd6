"""What the store keeps of the calendar: series, what they made, and moved posts."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from service.domain.calendar import PostMove, Series


class Calendar(Protocol):
    """Series and moves; part of the unit of work."""

    async def add_series(self, series: Series) -> None: ...
    async def series(self, series_id: str, *, lock: bool = False) -> Series | None: ...
    async def save_series(self, series: Series) -> None: ...
    async def running(self, community: str | None = None) -> tuple[Series, ...]:
        """Series that were not ended, of one community or of all."""
        ...

    async def made(self, series_id: str, since: datetime) -> frozenset[datetime]:
        """Occurrences from then on that have their post."""
        ...

    async def record(self, series_id: str, occurrence: datetime, request_id: str) -> None:
        """Note the post an occurrence was made into.

        Raises:
            Conflict: it has one already.
        """
        ...

    async def add_move(self, move: PostMove) -> None: ...
    async def move_of(self, request_id: str) -> PostMove | None:
        """The newest, which counts."""
        ...
