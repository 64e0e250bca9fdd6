"""Everything an entry point calls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog

from retrieval.errors import FingerprintMismatch
from service.bootstrap.adapters import Parts
from service.bootstrap.following import FollowingFlows
from service.bootstrap.handlers import Handler, job_handlers
from service.errors import ConfigurationError
from service.ports.jobs import Job

__all__ = ["Application", "Parts"]

FOLLOW_S = 5.0
"""What another process put in force is taken up within this long."""

log = structlog.get_logger()


class Application(FollowingFlows):
    """The flows, what the worker runs, and what a process does when it starts."""

    def handlers(self) -> Mapping[Job, Handler]:
        """What each job does; every handler may run twice without harm."""
        return job_handlers(self)

    async def sweep(self) -> None:
        """Re-enqueue whatever facts are pending, in case a job was lost."""
        await self.deliver.sweep()
        await self.notify.sweep()
        await self.triage.sweep()
        await self.draft.sweep()
        await self.calendar.sweep()
        await self.content.sweep()
        await self.themes.sweep()
        await self.previews.sweep()
        await self.evaluations.sweep()
        await self.rehearse.sweep()
        await self.deadlines.sweep()
        await self.reindex.catch_up()

    async def watch(self) -> None:
        """Queue the radar for every community, the drift alarms where an hour passed, and spot
        checks where a day closed."""
        await self.radar.defer_all()
        await self.drift.defer_due()
        await self.spot.defer_due()

    async def take_up(self) -> None:
        """Put in force what is configured, where it may, and work with what is in force.

        Raises:
            ConfigurationError: nothing was in force yet, and what is configured cannot be used.
        """
        for one in await self.in_force.take_up():
            if not one.accepted:
                log.warning(
                    "held_back",
                    kind=one.kind.value,
                    configured=one.hash,
                    in_force=one.in_force,
                    stand=one.stand.value,
                    problem=one.problem,
                    remedy=one.remedy,
                )
        await self.follow()

    async def keep_following(self, stop: asyncio.Event) -> None:
        """Follow what is put in force elsewhere until `stop` is set."""
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), FOLLOW_S)
                return
            try:
                await self.follow()
            except Exception as error:  # the database or the embedder is away; the next look tells
                log.warning("not_followed", reason=type(error).__name__)

    async def warm_up(self) -> None:
        """Load models and bring the cache up to the database.

        Raises:
            ConfigurationError: stored vectors come from another embedder, or the key or file of a
                language model is not there; names the remedy.
        """
        self.require_chat()
        await self.take_up()
        engine = await self.engines.of(None)
        await asyncio.to_thread(engine.judge, ["热身 warm up"], [self.clock.now()])
        if stale := await self.reindex.stale():
            current = self.embedder.info.fingerprint
            raise ConfigurationError(str(FingerprintMismatch(min(stale), current)))
        await self.reindex.reconcile()
        await self.prompts.refresh()
