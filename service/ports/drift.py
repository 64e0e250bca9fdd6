"""What the drift alarms count and keep; part of the unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from service.domain.drift import Cause, Counted, DriftAlarm, Shift


class DriftStore(Protocol):
    """Counts made from the facts at each question, states and alarms."""

    async def counted(self, community: str, until: datetime, blocks: int) -> tuple[Counted, ...]:
        """Every measure with any voice in so many days before `until`; the community's own people
        are left out."""
        ...

    async def evidence(self, community: str, shift: Shift, most: int) -> tuple[str, ...]:
        """Newest cases of its recent time that are of the keys that grew, or of any if none did."""
        ...

    async def changes(self, community: str, since: datetime, until: datetime) -> tuple[Cause, ...]:
        """What people put into production for this community or for all."""
        ...

    async def save_state(self, community: str, shifts: Sequence[Shift], at: datetime) -> None: ...
    async def ran_at(self, community: str) -> datetime | None:
        """Until when the newest run counted."""
        ...

    async def alarms(self, community: str, since: datetime) -> tuple[DriftAlarm, ...]:
        """Heard of or closed since then, oldest first."""
        ...

    async def alarm(self, alarm_id: str, *, lock: bool = False) -> DriftAlarm | None: ...
    async def save_alarm(self, alarm: DriftAlarm) -> None:
        """Insert or replace."""
        ...
