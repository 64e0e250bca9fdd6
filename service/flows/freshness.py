"""Whether a draft still fits what happened since. Part of the review flow."""

from __future__ import annotations

from service.domain.change import SOFT, StaleReason
from service.domain.draft import Draft, DraftContext
from service.domain.review import ReviewTask, TaskStatus
from service.errors import MovedOn, NotFound
from service.flows.subject import Subject, replaced
from service.ports.store import UnitOfWork

_WHY = {
    StaleReason.MOVED_ON: "The member wrote more since this draft; redraft or read on first.",
    StaleReason.NEWER_DRAFT: "A newer draft took this one's place; decide on that one.",
    StaleReason.WITHDRAWN: "The member took the message back; reject or escalate.",
    StaleReason.RULE_CHANGED: "A clause the draft rests on has changed; draft again.",
}


async def stale_reasons(
    uow: UnitOfWork, task: ReviewTask, draft: Draft, context: DraftContext
) -> tuple[StaleReason, ...]:
    """Every reason, the gravest first; empty while the draft is fresh."""
    found = [StaleReason.NEWER_DRAFT] if await replaced(uow, task) else []
    if draft.case_id is not None:
        found += await _of_case(uow, draft.community, draft.case_id, context.case_size)
    rests_on = {one.clause_id for one in draft.composition.citations}
    rests_on |= context.conflict.clause_ids if context.conflict else frozenset()
    passages = [one for one in context.passages if one.clause_id in rests_on]
    if await uow.changes.outdated(draft.community, passages):
        found.append(StaleReason.RULE_CHANGED)
    order = list(StaleReason)
    return tuple(sorted(found, key=order.index))


async def stale_of(uow: UnitOfWork, task_id: str) -> tuple[StaleReason, ...]:
    """Reasons of an undecided task; none of one that is closed.

    Raises:
        NotFound: there is no such task.
    """
    task = await uow.reviews.get(task_id)
    draft = await uow.drafts.get(task.draft_id) if task else None
    context = await uow.drafts.context(draft.context_id) if draft else None
    if task is None or draft is None or context is None:
        raise NotFound("There is no such review task.")
    if task.status in (TaskStatus.DECIDED, TaskStatus.SUPERSEDED):
        return ()
    return await stale_reasons(uow, task, draft, context)


async def require_fresh(uow: UnitOfWork, subject: Subject) -> tuple[StaleReason, ...]:
    """Refuse a text that no longer fits; what a reviewer may overrule comes back.

    Raises:
        MovedOn: its details name every reason.
    """
    found = await stale_reasons(uow, subject.task, subject.draft, subject.context)
    hard = [one for one in found if one not in SOFT]
    if hard:
        raise MovedOn(_WHY[hard[0]], reasons=[one.value for one in found])
    return found


async def _of_case(
    uow: UnitOfWork, community_id: str, case_id: str, seen: int
) -> list[StaleReason]:
    case = (await uow.cases.texts([case_id])).get(case_id)
    community = await uow.communities.get(community_id)
    if case is None or case.case.size != seen:
        return [StaleReason.MOVED_ON]
    found = []
    if await uow.changes.withdrawn(case_id):
        found.append(StaleReason.WITHDRAWN)
    if await uow.changes.answered(case, community.staff if community else ()):
        found.append(StaleReason.ANSWERED)
    if await uow.changes.left(case):
        found.append(StaleReason.LEFT)
    return found
