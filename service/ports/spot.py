"""What the store keeps of spot checks; part of the unit of work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from service.domain.labelling import About
from service.domain.spot import SpotCheck, SpotDraw, SpotFrame, Spotted


class SpotChecks(Protocol):
    """Append-only draws and what they drew."""

    async def made(
        self, community: str, about: About, since: datetime, until: datetime
    ) -> tuple[str, ...]:
        """Names of all replies or triages made in [since, until), whatever became of them.

        Of a case, the newest triage of the time that is the engine's own. Left out: what answers
        the community's own people, texts the member took back, empty drafts.
        """
        ...

    async def look(
        self, about: About, refs: Collection[str], drawn_at: datetime
    ) -> tuple[SpotCheck, ...]:
        """What a check keeps of these, by name."""
        ...

    async def add(self, draw: SpotDraw, checks: Sequence[SpotCheck]) -> None:
        """Append a draw with what it drew; a check that stands is left as it is."""
        ...

    async def draws(self, community: str, since: datetime) -> tuple[SpotDraw, ...]:
        """Draws from days that began then or later."""
        ...

    async def frames(self, community: str, since: datetime) -> tuple[SpotFrame, ...]:
        """Their sums."""
        ...

    async def spotted(self, community: str, since: datetime) -> tuple[Spotted, ...]:
        """What was drawn of the time since then, oldest first."""
        ...
