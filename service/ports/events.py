"""Events, as the flows see them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from service.domain.event import Event


class Events(Protocol):
    """What a community held and plans to hold."""

    async def add(self, event: Event) -> None: ...
    async def get(self, event_id: str, *, lock: bool = False) -> Event | None: ...
    async def save(self, event: Event) -> None: ...
    async def find(self, community: str, subject: str) -> Event | None:
        """The event of this id, or the last one of this name."""
        ...

    async def earlier(self, community: str, than: datetime, limit: int) -> tuple[Event, ...]:
        """Those that began before, newest first."""
        ...

    async def between(self, community: str, since: datetime, until: datetime) -> tuple[Event, ...]:
        """Those that began from `since` on and before `until`, oldest first."""
        ...
