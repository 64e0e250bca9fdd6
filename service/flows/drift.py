"""What the service does is watched; a share that moved becomes an alarm, told once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from service.domain.community import Community
from service.domain.drift import (
    DAY,
    MOST_CAUSES,
    MOST_EVIDENCE,
    QUIET,
    Cause,
    DriftAlarm,
    Measure,
    Shift,
)
from service.domain.notice import drift_notice
from service.errors import Conflict, NotFound
from service.flows.notices import post_notice
from service.ports.clock import Clock, Ids
from service.ports.jobs import Job
from service.ports.store import UnitOfWork, UowFactory
from service.quality.drift import BLOCKS, causes_of, scan

EVERY = timedelta(hours=1)

KNOWN_FOR = (BLOCKS + 1) * DAY
"""How long ago an alarm can have been closed and still bound what is compared with."""


class DriftFlow:
    """Watches communities; running twice in one hour changes nothing more."""

    def __init__(self, *, uow: UowFactory, clock: Clock, ids: Ids) -> None:
        self._uow, self._clock, self._ids = uow, clock, ids

    async def run(self, community_id: str) -> tuple[Shift, ...]:
        """Compare every measure up to the last full hour, and act on what moved.

        Raises:
            NotFound: there is no such community.
        """
        until = _floor(self._clock.now())
        async with self._uow() as uow:
            community = await uow.communities.get(community_id)
            if community is None:
                raise NotFound(f"There is no community {community_id!r}.")
            counted = await uow.drift.counted(community.id, until, BLOCKS)
            changes = await uow.drift.changes(community.id, until - KNOWN_FOR, until)
            known = _known(await uow.drift.alarms(community.id, until - KNOWN_FOR))
        shifts = await asyncio.to_thread(scan, counted, changes, known)
        async with self._uow() as uow:
            await uow.cases.lock(f"drift:{community.id}")
            await uow.drift.save_state(community.id, shifts, until)
            await self._act(uow, community, _strongest(shifts), changes)
            await uow.commit()
        return shifts

    async def defer_due(self) -> int:
        """Queue a run for every community that had none in this hour; how many."""
        until, due = _floor(self._clock.now()), 0
        async with self._uow() as uow:
            for one in await uow.communities.all():
                ran = await uow.drift.ran_at(one.id)
                if ran is None or ran < until:
                    await uow.jobs.defer(Job.DRIFT, {"community": one.id}, key=f"drift:{one.id}")
                    due += 1
            await uow.commit()
        return due

    async def alarm(self, alarm_id: str) -> DriftAlarm:
        """One alarm.

        Raises:
            NotFound: there is none.
        """
        async with self._uow() as uow:
            return _there(await uow.drift.alarm(alarm_id))

    async def close(self, alarm_id: str, by: str, note: str = "") -> DriftAlarm:
        """A person knows of it: from now on the measure is compared with the time since it moved.
        By the same person again changes nothing.

        Raises:
            NotFound: there is none.
            Conflict: somebody else closed it.
        """
        async with self._uow() as uow:
            alarm = _there(await uow.drift.alarm(alarm_id, lock=True))
            if alarm.closed_at is not None:
                if alarm.closed_by == by:
                    return alarm
                raise Conflict("Somebody else closed this alarm already.")
            after = alarm.close(by, self._clock.now(), note)
            await uow.drift.save_alarm(after)
            await uow.commit()
        return after

    async def _act(
        self,
        uow: UnitOfWork,
        community: Community,
        moved: Sequence[Shift],
        changes: Sequence[Cause],
    ) -> None:
        """Open or extend an alarm a measure; what is new or graver goes out in one notice."""
        now = self._clock.now()
        known = await uow.drift.alarms(community.id, now - QUIET)
        going_on = {one.measure: one for one in known if one.open_at(now)}
        told = []
        for shift in moved:
            before = going_on.get(shift.measure)
            after = await self._after(uow, community, shift, before, changes)
            await uow.drift.save_alarm(after)
            if before is None or after.level > before.level:
                told.append(after)
        if told:
            await self._tell(uow, community, told)

    async def _after(
        self,
        uow: UnitOfWork,
        community: Community,
        shift: Shift,
        before: DriftAlarm | None,
        changes: Sequence[Cause],
    ) -> DriftAlarm:
        causes = causes_of(shift, changes)
        evidence = await uow.drift.evidence(community.id, shift, MOST_EVIDENCE)
        if before is not None:
            return before.with_shift(shift, causes, evidence)
        return DriftAlarm(
            id=self._ids.new("drift"),
            community=community.id,
            measure=shift.measure,
            level=shift.level,
            shift=shift,
            causes=causes[:MOST_CAUSES],
            evidence=evidence,
            started_at=shift.until,
            last_at=shift.until,
        )

    async def _tell(
        self, uow: UnitOfWork, community: Community, alarms: Sequence[DriftAlarm]
    ) -> None:
        notice = drift_notice(
            self._ids.new("notice"),
            community.id,
            alarms,
            to_send=bool(community.alert_url),
            now=self._clock.now(),
        )
        await post_notice(uow, notice)


def _known(alarms: Iterable[DriftAlarm]) -> Mapping[Measure, datetime]:
    """Since when a person knows how a measure moved: from the day on at whose end it was seen."""
    closed = sorted((one for one in alarms if one.closed_at), key=lambda one: one.started_at)
    return {one.measure: one.started_at - DAY for one in closed}


def _strongest(shifts: Iterable[Shift]) -> list[Shift]:
    """Of each measure that moved, the window that says so most."""
    ranked = sorted((one for one in shifts if one.level), key=lambda one: (one.level, one.surprise))
    return list({one.measure: one for one in ranked}.values())


def _there(alarm: DriftAlarm | None) -> DriftAlarm:
    if alarm is None:
        raise NotFound("There is no such alarm.")
    return alarm


def _floor(now: datetime) -> datetime:
    return now - timedelta(seconds=now.timestamp() % EVERY.total_seconds())
