"""The community's series are watched; what stands out becomes alerts, and alerts incidents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from service.domain.alert import (
    MAX_EVIDENCE,
    NOTIFY_LEVEL,
    QUIET,
    ROOM_LEVEL,
    STEP,
    Alert,
    Metric,
    MetricKind,
    Reading,
    Series,
    alert_of,
)
from service.domain.community import Community
from service.domain.incident import EntryKind, Incident, IncidentEntry
from service.domain.notice import Notice, NoticeStatus, numbers_of
from service.errors import NotFound
from service.flows.notices import post_notice
from service.ports.clock import Clock, Ids
from service.ports.engines import Watcher
from service.ports.jobs import Job
from service.ports.radar import Recent
from service.ports.store import UnitOfWork, UowFactory

HISTORY = timedelta(weeks=8, days=1)
"""What a baseline is made from, and the day that is judged."""

HOUR = timedelta(hours=1)

REFRESH = 2_000
"""Marks of stale quarters worked off in one transaction."""

UNWATCHED = frozenset({"chat", ""})
"""Categories whose ups and downs are no news: small talk, and what triage abstained on."""

MACHINE = "radar"
"""Actor of the timeline's lines that no person wrote."""

_NONE = Recent(0, ())
_CASES = Metric(kind=MetricKind.NEGATIVE_SHARE)
_NEGATIVE = Metric(kind=MetricKind.NEGATIVE)


class RadarFlow:
    """Watches communities; running twice in one quarter changes nothing more."""

    def __init__(self, *, uow: UowFactory, watcher: Watcher, clock: Clock, ids: Ids) -> None:
        self._uow, self._watcher, self._clock, self._ids = uow, watcher, clock, ids

    async def run(self, community_id: str) -> tuple[Reading, ...]:
        """Count what changed, read every series at the last quarter, act on what stands out.

        Raises:
            NotFound: there is no such community.
        """
        community = await self._community(community_id)
        await self.refresh(community)
        now = self._clock.now()
        until = _floor(now)
        series = await self._series(community, until)
        readings = await asyncio.to_thread(self._watcher.scan, series, community.timezone)
        async with self._uow() as uow:
            await uow.cases.lock(f"radar:{community.id}")
            await uow.radar.save_readings(community.id, readings, until)
            await self._act(uow, community, [one for one in readings if one.level], until)
            await uow.commit()
        return readings

    async def defer_all(self) -> int:
        """Queue a run for every community; how many."""
        async with self._uow() as uow:
            communities = await uow.communities.all()
            for one in communities:
                await uow.jobs.defer(Job.RADAR, {"community": one.id}, key=f"radar:{one.id}")
            await uow.commit()
        return len(communities)

    async def refresh(self, community: Community) -> int:
        """Bring the rollups up to date; how many changed quarters were counted."""
        total = 0
        while True:
            async with self._uow() as uow:
                await uow.cases.lock(f"pulses:{community.id}")
                done = await uow.pulses.refresh(community, REFRESH)
                await uow.commit()
            total += done
            if done < REFRESH:
                return total

    async def _community(self, community_id: str) -> Community:
        async with self._uow() as uow:
            found = await uow.communities.get(community_id)
        if found is None:
            raise NotFound(f"There is no community {community_id!r}.")
        return found

    async def _series(self, community: Community, until: datetime) -> tuple[Series, ...]:
        since = until - HISTORY
        async with self._uow() as uow:
            counts = await uow.pulses.series(community.id, since, until)
            recent = await uow.pulses.recent(community.id, until - HOUR, until, MAX_EVIDENCE)
        return tuple(_watched(counts, recent, since))

    async def _act(
        self, uow: UnitOfWork, community: Community, readings: Sequence[Reading], until: datetime
    ) -> None:
        known = await uow.radar.open_alerts(community.id, until - QUIET)
        by_metric = {alert.metric: alert for alert in known}
        former: dict[str, int] = {}
        for reading in sorted(readings, key=lambda one: -one.level):
            await self._take(uow, community, reading, by_metric.get(reading.metric), former)
        for incident_id, level in former.items():
            await self._notify(uow, community, incident_id, level)

    async def _take(
        self,
        uow: UnitOfWork,
        community: Community,
        reading: Reading,
        before: Alert | None,
        former: dict[str, int],
    ) -> None:
        """Open or extend the reading's alert; `former` keeps each touched incident's level before
        this run, 0 for a new one."""
        alert = (
            before.with_reading(reading)
            if before
            else alert_of(self._ids.new("alert"), community.id, reading)
        )
        if alert.level >= ROOM_LEVEL:
            incident, level = await self._incident(uow, alert)
            former.setdefault(incident.id, level)
            await self._tell_news(uow, incident, alert, before)
            alert = alert.model_copy(update={"incident_id": incident.id})
        await uow.radar.save_alert(alert)

    async def _incident(self, uow: UnitOfWork, alert: Alert) -> tuple[Incident, int]:
        """The incident an alert belongs to, and the level it had."""
        now = self._clock.now()
        found = await self._incident_for(uow, alert, now)
        if found is not None:
            heard = found.heard(alert)
            await uow.radar.save_incident(heard)
            return heard, found.level
        incident = Incident(
            id=self._ids.new("inc"),
            community=alert.community,
            level=alert.level,
            opened_at=now,
            last_at=alert.last_at,
        )
        await uow.radar.save_incident(incident)
        await self._tell(uow, incident, EntryKind.OPENED, alert.level, "")
        return incident, 0

    async def _tell_news(
        self, uow: UnitOfWork, incident: Incident, alert: Alert, before: Alert | None
    ) -> None:
        if before is None or before.incident_id is None:
            await self._tell(uow, incident, EntryKind.ALERT, alert.level, alert.id)
        elif alert.level > before.level:
            await self._tell(uow, incident, EntryKind.RAISED, alert.level, alert.id)

    async def _incident_for(self, uow: UnitOfWork, alert: Alert, now: datetime) -> Incident | None:
        if alert.incident_id:
            return await uow.radar.incident(alert.incident_id, lock=True)
        newest = await uow.radar.newest_incident(alert.community)
        if newest is None or not newest.takes(now):
            return None
        return await uow.radar.incident(newest.id, lock=True)

    async def _notify(
        self, uow: UnitOfWork, community: Community, incident_id: str, former: int
    ) -> None:
        """One notice whenever an incident reaches a serious level it did not have before; its job
        leaves with the transaction."""
        incident = await uow.radar.incident(incident_id)
        if incident is None or incident.level < NOTIFY_LEVEL or incident.level <= former:
            return
        now = self._clock.now()
        alerts = await uow.radar.alerts_of(incident_id)
        notice = Notice(
            id=self._ids.new("notice"),
            community=community.id,
            incident_id=incident_id,
            level=incident.level,
            alerts=tuple(numbers_of(alert) for alert in alerts),
            status=NoticeStatus.PENDING if community.alert_url else NoticeStatus.HELD,
            next_attempt_at=now,
            created_at=now,
        )
        await post_notice(uow, notice)

    async def _tell(
        self, uow: UnitOfWork, incident: Incident, kind: EntryKind, level: int, ref: str
    ) -> None:
        await uow.radar.add_entry(
            IncidentEntry(
                id=self._ids.new("entry"),
                incident_id=incident.id,
                at=self._clock.now(),
                kind=kind,
                actor=MACHINE,
                level=level,
                ref=ref,
            )
        )


def _watched(
    counts: Mapping[Metric, tuple[int, ...]], recent: Mapping[Metric, Recent], since: datetime
) -> Iterator[Series]:
    """Every metric but small talk; the share of negative cases beside all cases."""
    totals = counts.get(_CASES, ())
    for metric in sorted(counts, key=lambda one: one.name):
        if metric.kind is MetricKind.CATEGORY and metric.key in UNWATCHED:
            continue
        share = metric == _CASES
        heard = recent.get(_NEGATIVE if share else metric, _NONE)
        yield Series(
            metric=metric,
            start=since,
            counts=counts.get(_NEGATIVE, (0,) * len(totals)) if share else counts[metric],
            totals=totals if share else (),
            authors=heard.authors,
            evidence=heard.evidence,
        )


def _floor(now: datetime) -> datetime:
    """The last full quarter of an hour; all time zones' quarters agree."""
    return now - timedelta(seconds=now.timestamp() % STEP.total_seconds())
