"""What a decision rests on, and what must hold for it. Part of the review flow."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.draft import Draft, DraftContext, Revision
from service.domain.review import ReviewTask, TaskStatus
from service.errors import IllegalTransition, NotFound, StaleRevision
from service.ports.store import UnitOfWork


class Subject(NamedTuple):
    """A task with everything a decision rests on."""

    task: ReviewTask
    draft: Draft
    context: DraftContext
    newest: Revision


async def subject_of(uow: UnitOfWork, task_id: str) -> Subject:
    """The undecided task, locked, with its draft.

    Raises:
        NotFound, IllegalTransition.
    """
    task = await locked(uow, task_id)
    if task.status in (TaskStatus.DECIDED, TaskStatus.SUPERSEDED):
        raise IllegalTransition("This task is already closed.", status=task.status.value)
    draft = await uow.drafts.get(task.draft_id)
    context = await uow.drafts.context(draft.context_id) if draft else None
    if draft is None or context is None:
        raise NotFound("There is no such draft.")
    revisions = await uow.drafts.revisions(draft.id)
    return Subject(task, draft, context, revisions[-1])


async def locked(uow: UnitOfWork, task_id: str) -> ReviewTask:
    """The task, its row held until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    task = await uow.reviews.get(task_id, lock=True)
    if task is None:
        raise NotFound("There is no such review task.")
    return task


def require_newest(subject: Subject, seen: str) -> None:
    """Refuse a decision on another text than the newest.

    Raises:
        StaleRevision.
    """
    if subject.newest.hash != seen:
        raise StaleRevision(
            "The draft was edited meanwhile; look at the newest text and decide again.",
            newest=subject.newest.number,
        )


async def replaced(uow: UnitOfWork, task: ReviewTask) -> bool:
    """Whether the task's draft is not the newest of its case."""
    newest = await uow.drafts.latest_for_case(task.case_id) if task.case_id else None
    return newest is not None and newest[0].id != task.draft_id
