"""A process works with the taxonomy and limits in force, also where they change while it runs."""

from __future__ import annotations

import asyncio
from functools import cached_property

from service.bootstrap.flows import Flows
from service.bootstrap.in_force import InUse
from service.bootstrap.knowledge import KnowledgeFlows
from service.bootstrap.lazy import LazyTriager

OVER_TAXONOMY = ("triager", "engines", "comparer", "candidates", "theme_finder", "labeller")
"""Adapters that are made of a taxonomy."""


class FollowingFlows(Flows):
    """Flows that are made anew over what went into force."""

    _stamp: tuple[str, ...] = ()

    async def follow(self) -> None:
        """Look once, and work with what is in force.

        The engine over a new taxonomy is built before it takes the place of the old one; whoever
        is in the middle of something ends it with the old one.

        Raises:
            EmbedderUnavailable: the engine cannot be built now; the old one goes on.
        """
        stamp = await self.in_force.stamp()
        if stamp == self._stamp or not any(stamp):
            return
        in_use = InUse.of(await self.in_force.current())
        present = self._in_use
        if in_use != present:
            same = present is not None and present.taxonomy == in_use.taxonomy
            self._renew(in_use, None if same else await self._engine(in_use))
        self._stamp = stamp

    async def _engine(self, in_use: InUse) -> LazyTriager:
        """Built where the present one is, in a thread."""
        triager, present = self.triager_over(lambda: in_use.taxonomy), vars(self).get("triager")
        if isinstance(present, LazyTriager) and present.prepared:
            await asyncio.to_thread(triager.prepare)
        return triager

    def _renew(self, in_use: InUse, triager: LazyTriager | None) -> None:
        """Let go of what was made of the old ones; it is made anew on its next use. Nothing awaits
        here: no caller sees half of it."""
        self._in_use = in_use
        made = {
            name
            for room in (Flows, KnowledgeFlows)
            for name, part in vars(room).items()
            if isinstance(part, cached_property)
        }
        for name in made.union(OVER_TAXONOMY if triager else ()):
            vars(self).pop(name, None)
        if triager is not None:
            vars(self)["triager"] = triager
