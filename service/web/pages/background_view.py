"""What a draft had as background beside its sources."""

from __future__ import annotations

from typing import NamedTuple

from service.bootstrap import Application
from service.domain.draft import ApprovedExample, Background, ThreadTurn
from service.domain.views import TaskView


class Around(NamedTuple):
    """The turns before the request, oldest first, and how a similar one was answered.

    `case_id` is the case of that answer; None where its task is gone.
    """

    thread: tuple[ThreadTurn, ...]
    approved: ApprovedExample | None
    case_id: str | None


async def around_of(application: Application, view: TaskView) -> Around | None:
    """The background of a task's draft; None where it had none."""
    given = view.context.background
    if given == Background():
        return None
    return Around(given.thread, given.approved, await _case_of(application, view))


async def _case_of(application: Application, view: TaskView) -> str | None:
    one = view.context.background.approved
    if one is None:
        return None
    async with application.uow() as uow:
        task = await uow.reviews.get(one.task_id)
    return task.case_id if task and task.community == view.task.community else None
