"""Review tasks: the queue, and what a reviewer does with one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.approval import Requirement
from service.domain.draft import DraftKind, Finding, Revision
from service.domain.message import MAX_TEXT
from service.domain.review import Decision, RejectReason, ReviewTask, TaskStatus, Verdict
from service.domain.support import SupportLedger
from service.domain.views import Page, QueueRow, TaskView
from service.errors import NotFound
from service.flows.review import Ruling
from service.web import bulk
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.consent import endorsements_of, required_of
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.member import without_personal_data
from service.web.state import application_of

router = APIRouter(prefix="/tasks", tags=["review"], route_class=ApiRoute)

Reviewer = Annotated[Actor, require(Scope.REVIEW)]
_HASH = Field(pattern="^[0-9a-f]{64}$", description="Hash of the revision the reviewer saw.")


class RevisionRequest(Body):
    """An edited text, and the hash of the revision it was made from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "已为你登记。", "base_hash": "0" * 64}]}
    )

    text: str = Field(min_length=1, max_length=MAX_TEXT)
    base_hash: str = _HASH


class Revised(BaseModel):
    """The new revision and what the checks say of it."""

    revision: Revision
    findings: tuple[Finding, ...]
    support: SupportLedger


class BulkItem(Body):
    """A task, and the hash of the text the reviewer saw."""

    task_id: str = Field(min_length=1, max_length=100)
    revision_hash: str = _HASH


class BulkRequest(Body):
    """Drafts to approve as they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"items": [{"task_id": "task_1", "revision_hash": "0" * 64}]}]
        }
    )

    items: tuple[BulkItem, ...] = Field(min_length=1, max_length=bulk.MOST)


class BulkOutcome(BaseModel):
    """What became of one; `code` and `detail` say why it was left."""

    task_id: str
    approved: bool
    code: str | None = None
    detail: str | None = None


class ApprovalState(BaseModel):
    """What it takes to send the newest text, and who agreed to it already."""

    requirement: Requirement
    endorsements: tuple[Decision, ...]


class DecisionRequest(Body):
    """What to do with the draft."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"verdict": "reject", "revision_hash": "0" * 64, "reason": "tone"}]
        }
    )

    verdict: Literal[Verdict.APPROVE, Verdict.APPROVE_EDITED, Verdict.REJECT, Verdict.ESCALATE]
    revision_hash: str = _HASH
    text: str | None = Field(None, max_length=MAX_TEXT, description="For approve_edited.")
    reason: RejectReason | None = Field(None, description="For reject.")
    note: str = Field("", max_length=2000)
    acknowledge: bool = Field(False, description="Lets a text with blocking findings pass.")


@router.get("", responses=documented(404), summary="The review queue")
async def queue(
    request: Request,
    community: InCommunity,
    _: Reviewer,
    kind: DraftKind | None = None,
    status: TaskStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[QueueRow]:
    """By severity, reach and wait; undecided tasks unless `status` says otherwise."""
    return await application_of(request).queries.queue(
        community.id, kind=kind, status=status, cursor=cursor, limit=limit
    )


@router.post("/bulk", responses=documented(404, body=True), summary="Approve several drafts")
async def approve_several(
    request: Request, community: InCommunity, body: BulkRequest, actor: Reviewer
) -> tuple[BulkOutcome, ...]:
    """Only what the policy allows in bulk; each item is answered for by itself."""
    application = application_of(request)
    for item in body.items:
        view = await application.queries.task(item.task_id)
        if view is None or view.task.community != community.id:
            raise NotFound("There is no such review task.", task=item.task_id)
    wanted = [bulk.Approval(item.task_id, item.revision_hash) for item in body.items]
    return tuple(_outcome(one) for one in await bulk.approve(application, wanted, actor.id))


@router.get("/{task_id}/approval", responses=documented(404), summary="What a task needs")
async def approval(request: Request, task_id: str, actor: Reviewer) -> ApprovalState:
    """How many people must agree to the newest text, by which rules, and who did already."""
    view = await _task(request, task_id, actor)
    application = application_of(request)
    policy, _ = await application.approvals.current(view.task.community)
    needed = required_of(view, policy, application.drafter.post_kinds)
    return ApprovalState(requirement=needed, endorsements=endorsements_of(view))


@router.get("/{task_id}", responses=documented(404), summary="Read a task")
async def read(request: Request, task_id: str, actor: Reviewer) -> TaskView:
    """The draft, everything it rests on (personal data left out), and what was decided."""
    view = await _task(request, task_id, actor)
    if view.case is None:
        return view
    redactor = application_of(request).redactor
    case = without_personal_data(view.case, view.triage, redactor)
    return view.model_copy(update={"case": case})


@router.post("/{task_id}/claim", responses=documented(404, 409), summary="Claim a task")
async def claim(request: Request, task_id: str, actor: Reviewer) -> ReviewTask:
    """Hold it for fifteen minutes; again renews."""
    await _task(request, task_id, actor)
    return await application_of(request).review.claim(task_id, actor.id)


@router.post("/{task_id}/release", responses=documented(404, 409), summary="Give a task back")
async def release(request: Request, task_id: str, actor: Reviewer) -> ReviewTask:
    """Back into the queue."""
    await _task(request, task_id, actor)
    return await application_of(request).review.release(task_id, actor.id)


@router.post(
    "/{task_id}/revisions",
    status_code=201,
    responses=documented(404, 409, body=True),
    summary="Save an edit",
)
async def revise(request: Request, task_id: str, body: RevisionRequest, actor: Reviewer) -> Revised:
    """A new revision, checked."""
    await _task(request, task_id, actor)
    edited = await application_of(request).review.edit(
        task_id, actor.id, text=body.text, base_hash=body.base_hash
    )
    return Revised(**edited._asdict())


@router.post(
    "/{task_id}/decisions",
    status_code=201,
    responses=documented(404, 409, body=True),
    summary="Decide",
)
async def decide(
    request: Request, task_id: str, body: DecisionRequest, actor: Reviewer
) -> Decision:
    """Record a decision; an approval goes out after the undo window. Where the policy asks for two
    people, the first approval comes back as `endorse` and a fresh task waits for the second."""
    await _task(request, task_id, actor)
    ruling = Ruling(**body.model_dump())
    return await application_of(request).review.decide(task_id, actor.id, ruling)


@router.post("/{task_id}/undo", responses=documented(404, 409), summary="Take a decision back")
async def undo(request: Request, task_id: str, actor: Reviewer) -> ReviewTask:
    """One's own, while nothing has left."""
    await _task(request, task_id, actor)
    return await application_of(request).review.undo(task_id, actor.id)


async def _task(request: Request, task_id: str, actor: Actor) -> TaskView:
    view = await application_of(request).queries.task(task_id)
    if view is None:
        raise NotFound("There is no such review task.")
    own(actor, view.task.community, "review task")
    return view


def _outcome(done: bulk.Outcome) -> BulkOutcome:
    error = done.error
    return BulkOutcome(
        task_id=done.task_id,
        approved=error is None,
        code=error.code if error else None,
        detail=error.message if error else None,
    )
