"""What was decided leaves: at least once, with one key, logged try by try."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.delivery import (
    MAX_ATTEMPTS,
    DeliveryAttempt,
    OutboxEntry,
    OutboxStatus,
    backoff,
)
from service.errors import Conflict, NotFound
from service.ports.clock import Clock, Ids
from service.ports.jobs import SWEEP_REST, Job
from service.ports.models import Receiver, SendResult
from service.ports.store import UnitOfWork, UowFactory

LEASE = timedelta(minutes=2)
"""How long one try may last before another worker may take the entry; longer than any time-out."""


class DeliverFlow:
    """Sends due entries through the receiver, outside any transaction."""

    def __init__(self, *, uow: UowFactory, receiver: Receiver, clock: Clock, ids: Ids) -> None:
        self._uow, self._receiver, self._clock, self._ids = uow, receiver, clock, ids

    async def deliver(self, entry_id: str) -> OutboxEntry | None:
        """Try once if the entry is pending and due; None when there is nothing to do."""
        taken = await self._take(entry_id)
        if taken is None:
            return None
        started = self._clock.now()
        async with self._uow() as uow:
            community = await uow.communities.get(taken.community)
        if community is None or community.delivery_url is None:
            return await self._hold(taken)
        result = await self._receiver.send(taken, community)
        return await self._finish(taken, result, started)

    async def replay(self, community: str, entry_id: str) -> OutboxEntry:
        """Send again what is dead or held, with the same key.

        Raises:
            NotFound: no such entry.
            Conflict: it is neither dead nor held, or the community has no receiver.
        """
        async with self._uow() as uow:
            entry = await uow.outbox.get(entry_id, lock=True)
            if entry is None or entry.community != community:
                raise NotFound("There is no such outbox entry.")
            if entry.status not in (OutboxStatus.DEAD, OutboxStatus.HELD):
                raise Conflict("Only dead or held entries can be replayed.")
            if entry.payload.get("manual"):
                raise Conflict("This one is posted by hand; confirm it once it is.")
            owner = await uow.communities.get(community)
            if owner is None or owner.delivery_url is None:
                raise Conflict("Set the community's delivery URL first.")
            fresh = entry.model_copy(
                update={
                    "status": OutboxStatus.PENDING,
                    "attempts": 0,
                    "next_attempt_at": max(self._clock.now(), entry.not_before),
                }
            )
            await self._queue(uow, fresh)
            await uow.commit()
        return fresh

    async def confirm(self, community: str, entry_id: str, by: str) -> OutboxEntry:
        """Note that a person posted a held text by hand. By the same person again changes nothing.

        Raises:
            NotFound: no such entry.
            Conflict: it is not to be posted by hand, not due yet, or it left already.
        """
        now = self._clock.now()
        async with self._uow() as uow:
            entry = await uow.outbox.get(entry_id, lock=True)
            if entry is None or entry.community != community:
                raise NotFound("There is no such outbox entry.")
            if entry.status is OutboxStatus.DELIVERED and entry.payload.get("posted_by") == by:
                return entry
            if not entry.payload.get("manual") or entry.status is not OutboxStatus.HELD:
                raise Conflict("Only texts that wait to be posted by hand can be confirmed.")
            if now < entry.not_before:
                raise Conflict("Its time has not come yet.")
            done = entry.model_copy(
                update={
                    "status": OutboxStatus.DELIVERED,
                    "delivered_at": now,
                    "payload": entry.payload | {"posted_by": by},
                }
            )
            await uow.outbox.save(done)
            await uow.commit()
        return done

    async def sweep(self, limit: int = 500) -> int:
        """Defer deliveries that are due, in case their job was lost."""
        async with self._uow() as uow:
            due = await uow.outbox.due(self._clock.now(), limit)
            for entry_id in due:
                await uow.jobs.defer(
                    Job.DELIVER,
                    {"entry_id": entry_id},
                    key=f"deliver-sweep:{entry_id}",
                    rest=SWEEP_REST,
                )
            await uow.commit()
        return len(due)

    async def _take(self, entry_id: str) -> OutboxEntry | None:
        """Mark the try before making it, so that two workers never send at once."""
        now = self._clock.now()
        async with self._uow() as uow:
            entry = await uow.outbox.get(entry_id, lock=True)
            if entry is None or entry.status is not OutboxStatus.PENDING:
                return None
            if now < entry.next_attempt_at:
                return None
            spent = entry.attempts >= MAX_ATTEMPTS  # every try ended without telling how
            taken = entry.model_copy(
                update={"status": OutboxStatus.DEAD}
                if spent
                else {"attempts": entry.attempts + 1, "next_attempt_at": now + LEASE}
            )
            await uow.outbox.save(taken)
            await uow.commit()
        return None if spent else taken

    async def _hold(self, entry: OutboxEntry) -> OutboxEntry:
        held = entry.model_copy(update={"status": OutboxStatus.HELD, "attempts": 0})
        async with self._uow() as uow:
            await uow.outbox.save(held)
            await uow.commit()
        return held

    async def _finish(
        self, entry: OutboxEntry, result: SendResult, started: datetime
    ) -> OutboxEntry:
        now = self._clock.now()
        after = _after(entry, result, now)
        async with self._uow() as uow:
            await uow.outbox.add_attempt(self._attempt(entry, result, started, now))
            if after.status is OutboxStatus.PENDING:
                await self._queue(uow, after)
            else:
                await uow.outbox.save(after)
            await uow.commit()
        return after

    async def _queue(self, uow: UnitOfWork, entry: OutboxEntry) -> None:
        await uow.outbox.save(entry)
        await uow.jobs.defer(Job.DELIVER, {"entry_id": entry.id}, run_at=entry.next_attempt_at)

    def _attempt(
        self, entry: OutboxEntry, result: SendResult, started: datetime, now: datetime
    ) -> DeliveryAttempt:
        return DeliveryAttempt(
            id=self._ids.new("att"),
            entry_id=entry.id,
            number=entry.attempts,
            ok=result.ok,
            status_code=result.status_code,
            error=result.error,
            latency_ms=int((now - started).total_seconds() * 1000),
            at=now,
        )


def _after(entry: OutboxEntry, result: SendResult, now: datetime) -> OutboxEntry:
    if result.ok:
        return entry.model_copy(update={"status": OutboxStatus.DELIVERED, "delivered_at": now})
    if result.permanent or entry.attempts >= MAX_ATTEMPTS:
        return entry.model_copy(update={"status": OutboxStatus.DEAD})
    return entry.model_copy(update={"next_attempt_at": now + backoff(entry.attempts)})
