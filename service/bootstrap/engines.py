"""Triage engines, built anew when what they are made of changes.

A writer puts a new version of the part it changed (`uow.versions.put("examples/<community>", ...)`)
in the transaction of the change. Every process compares the versions with those its engines were
built from, at most once in `LOOK_S` seconds, and builds in a thread what is out of date.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import structlog

from service.ports.engines import Triager

LOOK_S = 1.0
"""Versions are read again after this long."""

REST_S = 60.0
"""A build that failed is not tried again sooner, while an earlier engine serves."""

MOST = 8
"""Engines kept; the one unused longest goes first and is loaded from the disk cache again."""

Read = Callable[[], Awaitable[Mapping[str, str]]]
Build = Callable[[str | None], Awaitable[Triager]]

Stamp = tuple[tuple[str, str], ...]
"""Names and versions an engine was built from."""

log = structlog.get_logger()


class _Built(NamedTuple):
    stamp: Stamp
    engine: Triager


class LiveEngines:
    """See `service.ports.engines.Engines`. One event loop; not for several threads."""

    def __init__(
        self, base: Callable[[], Triager], read: Read, build: Build,
        *, tick: Callable[[], float] = time.monotonic, look_s: float = LOOK_S,
    ) -> None:  # fmt: skip
        """Bind the parts.

        Args:
            base: the engine while nothing was ever changed.
            read: the versions in force.
            build: an engine for one community, or for all that have nothing of their own.
        """
        self._base, self._read, self._build = base, read, build
        self._tick, self._look_s = tick, look_s
        self._versions: Mapping[str, str] = {}
        self._looked: float | None = None
        self._built: OrderedDict[str | None, _Built] = OrderedDict()
        self._building: dict[str | None, asyncio.Task[Triager]] = {}
        self._failed: dict[str | None, tuple[Stamp, float]] = {}

    async def of(self, community: str | None, *, patient: bool = False) -> Triager:
        """See the port."""
        await self._look()
        scope, stamp = self._scope(community)
        if not stamp:
            return self._base()
        known = self._built.get(scope)
        if known is not None:
            self._built.move_to_end(scope)
            if known.stamp != stamp and not self._resting(scope, stamp):
                building = self._start(scope, stamp)
                if patient:
                    await asyncio.wait([building])
                    return self._built.get(scope, known).engine
            return known.engine
        return await asyncio.shield(self._start(scope, stamp))

    def look_again(self) -> None:
        """Read the versions at the next call, whenever the last look was."""
        self._looked = None

    async def settle(self) -> None:
        """Wait until nothing is being built; failures were logged."""
        while self._building:
            await asyncio.gather(*self._building.values(), return_exceptions=True)

    async def _look(self) -> None:
        now = self._tick()
        if self._looked is None or now - self._looked >= self._look_s:
            self._versions, self._looked = await self._read(), now

    def _scope(self, community: str | None) -> tuple[str | None, Stamp]:
        """Whose engine judges a community, and what it is made of."""
        named = sorted(self._versions.items())
        shared = tuple(pair for pair in named if "/" not in pair[0])
        own = tuple(pair for pair in named if pair[0].partition("/")[2] == community)
        return (community if own else None), (*shared, *own)

    def _resting(self, scope: str | None, stamp: Stamp) -> bool:
        failed = self._failed.get(scope)
        return failed is not None and failed[0] == stamp and self._tick() - failed[1] < REST_S

    def _start(self, scope: str | None, stamp: Stamp) -> asyncio.Task[Triager]:
        if (running := self._building.get(scope)) is not None:
            return running
        task = asyncio.create_task(self._make(scope, stamp))
        self._building[scope] = task
        task.add_done_callback(lambda done: self._finish(scope, stamp, done))
        return task

    async def _make(self, scope: str | None, stamp: Stamp) -> Triager:
        engine = await self._build(scope)
        self._built[scope] = _Built(stamp, engine)
        self._built.move_to_end(scope)
        while len(self._built) > MOST:
            self._built.popitem(last=False)
        return engine

    def _finish(self, scope: str | None, stamp: Stamp, done: asyncio.Task[Triager]) -> None:
        self._building.pop(scope, None)
        error = None if done.cancelled() else done.exception()
        if error is None:
            self._failed.pop(scope, None)
            return
        self._failed[scope] = (stamp, self._tick())
        log.warning("engine_not_rebuilt", community=scope, reason=type(error).__name__)
