"""The queue follows reach: more people who say the same come first."""

from __future__ import annotations

from collections.abc import Collection

from service.domain.priority import priority
from service.ports.store import UnitOfWork


async def refresh_priorities(uow: UnitOfWork, case_ids: Collection[str]) -> int:
    """Place the undecided tasks of these cases and their duplicates anew; how many moved."""
    if not case_ids:
        return 0
    moved: dict[str, float] = {}
    for task in await uow.reviews.waiting(case_ids):
        place = priority(
            severity=task.severity,
            reach=task.reach,
            waiting_since=task.waiting_since,
            escalations=task.escalations,
            pressing=task.pressing,
        )
        if place != task.priority:
            moved[task.task_id] = place
    await uow.reviews.set_priorities(moved)
    return len(moved)
