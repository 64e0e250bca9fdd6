"""Several approvals in one go: each stands or falls by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.bootstrap import Application
from service.domain.community import Community
from service.domain.draft import DraftKind
from service.domain.review import Verdict
from service.domain.views import QueueRow, TaskView
from service.errors import AppError
from service.flows.review import Ruling
from service.web.consent import required_of

MOST = 20
"""Drafts of one list: what a person can still read."""

LOOKED_AT = 200
"""Tasks of the queue that are looked through for them."""


class Approval(NamedTuple):
    """A task, and the hash of the text the reviewer saw."""

    task_id: str
    revision_hash: str


class Outcome(NamedTuple):
    """What became of one; without an error it is approved."""

    task_id: str
    error: AppError | None


async def candidates(application: Application, community: Community, me: str) -> list[TaskView]:
    """Tasks that may be approved in a list, most pressing first."""
    kinds = application.drafter.post_kinds
    policy, _ = await application.approvals.current(community.id)
    page = await application.queries.queue(
        community.id, kind=DraftKind.REPLY.value, limit=LOOKED_AT
    )
    found: list[TaskView] = []
    for row in page.items:
        view = await application.queries.task(row.task_id) if _plain(row, me) else None
        if view is not None and required_of(view, policy, kinds).bulk:
            found.append(view)
        if len(found) == MOST:
            break
    return found


async def approve(
    application: Application, wanted: Sequence[Approval], reviewer: str
) -> tuple[Outcome, ...]:
    """Approve each as it is; what has to be read by itself, or changed meanwhile, is left."""
    return tuple([await _one(application, one, reviewer) for one in wanted])


async def _one(application: Application, wanted: Approval, reviewer: str) -> Outcome:
    ruling = Ruling(Verdict.APPROVE, wanted.revision_hash, bulk=True)
    try:
        await application.review.decide(wanted.task_id, reviewer, ruling)
    except AppError as error:
        return Outcome(wanted.task_id, error)
    return Outcome(wanted.task_id, None)


def _plain(row: QueueRow, me: str) -> bool:
    """A look at the row spares most of the reading."""
    free = row.claimed_by in (None, me)
    return free and row.category is not None and not row.blocking and row.refusal is None
