"""Notices leave: ids and numbers for the community's own people, nothing members get."""

from __future__ import annotations

from datetime import timedelta

from service.domain.community import Community
from service.domain.delivery import MAX_ATTEMPTS
from service.domain.incident import EntryKind, IncidentEntry
from service.domain.notice import Notice, NoticeStatus
from service.ports.clock import Clock, Ids
from service.ports.jobs import SWEEP_REST, Job
from service.ports.models import Notifier
from service.ports.store import UowFactory

LEASE = timedelta(minutes=2)
"""How long one try may last before another worker may take the notice."""


class NotifyFlow:
    """Sends due notices, outside any transaction."""

    def __init__(self, *, uow: UowFactory, notifier: Notifier, clock: Clock, ids: Ids) -> None:
        self._uow, self._notifier, self._clock, self._ids = uow, notifier, clock, ids

    async def send(self, notice_id: str) -> Notice | None:
        """Try once if the notice is pending and due; None when there is nothing to do."""
        taken, community = await self._take(notice_id)
        if taken is None or community is None:
            return None
        result = await self._notifier.notify(taken, community)
        after = taken.after(result.ok, result.error, result.permanent, self._clock.now())
        async with self._uow() as uow:
            await uow.radar.save_notice(after)
            if after.status is NoticeStatus.PENDING:
                await uow.jobs.defer(
                    Job.NOTIFY, {"notice_id": after.id}, run_at=after.next_attempt_at
                )
            elif after.status is NoticeStatus.SENT and after.incident_id:
                await uow.radar.add_entry(self._told(after, after.incident_id))
            await uow.commit()
        return after

    async def sweep(self, limit: int = 200) -> int:
        """Defer notices that are due, in case their job was lost."""
        async with self._uow() as uow:
            due = await uow.radar.due_notices(self._clock.now(), limit)
            for notice_id in due:
                await uow.jobs.defer(
                    Job.NOTIFY,
                    {"notice_id": notice_id},
                    key=f"notify-sweep:{notice_id}",
                    rest=SWEEP_REST,
                )
            await uow.commit()
        return len(due)

    async def _take(self, notice_id: str) -> tuple[Notice | None, Community | None]:
        """Mark the try before making it, so that two workers never send at once."""
        now = self._clock.now()
        async with self._uow() as uow:
            notice = await uow.radar.notice(notice_id, lock=True)
            if notice is None or notice.status is not NoticeStatus.PENDING:
                return None, None
            if now < notice.next_attempt_at:
                return None, None
            community = await uow.communities.get(notice.community)
            taken = _begun(notice, community, now + LEASE)
            await uow.radar.save_notice(taken)
            await uow.commit()
        return (taken if taken.status is NoticeStatus.PENDING else None), community

    def _told(self, notice: Notice, incident_id: str) -> IncidentEntry:
        return IncidentEntry(
            id=self._ids.new("entry"),
            incident_id=incident_id,
            at=self._clock.now(),
            kind=EntryKind.NOTIFIED,
            actor="radar",
            level=notice.level,
            ref=notice.id,
        )


def _begun(notice: Notice, community: Community | None, lease: object) -> Notice:
    if community is None or not community.alert_url:
        update: dict[str, object] = {"status": NoticeStatus.HELD}
    elif notice.attempts >= MAX_ATTEMPTS:  # every try ended without telling how
        update = {"status": NoticeStatus.DEAD}
    else:
        update = {"attempts": notice.attempts + 1, "next_attempt_at": lease}
    return notice.model_copy(update=update)
