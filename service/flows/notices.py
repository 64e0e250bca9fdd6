"""A notice is stored, and its job leaves with the same transaction."""

from __future__ import annotations

from service.domain.notice import Notice, NoticeStatus
from service.ports.jobs import Job
from service.ports.store import UnitOfWork


async def post_notice(uow: UnitOfWork, notice: Notice) -> None:
    """Store it; defer its sending unless the community names no address."""
    await uow.radar.save_notice(notice)
    if notice.status is NoticeStatus.PENDING:
        await uow.jobs.defer(Job.NOTIFY, {"notice_id": notice.id})
