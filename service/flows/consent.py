"""Whether one person's approval is enough. Part of the review flow."""

from __future__ import annotations

from service.domain.approval import ApprovalPolicy, Proposal, Requirement, proposal, requirement
from service.domain.review import SENDING, Decision, Verdict
from service.errors import Conflict
from service.flows.subject import Subject
from service.ports.engines import PostKindSet
from service.ports.store import UnitOfWork


async def required(
    uow: UnitOfWork,
    subject: Subject,
    text: str,
    shipped: ApprovalPolicy,
    kinds: PostKindSet,
    *,
    doubtful: bool,
) -> Requirement:
    """What the community's policy asks of this text."""
    newest = await uow.approvals.newest(subject.task.community)
    asked = await _proposal(uow, subject, text, kinds, doubtful)
    return requirement(newest.policy if newest else shipped, asked)


async def verdict_of(
    uow: UnitOfWork,
    subject: Subject,
    needed: Requirement,
    verdict: Verdict,
    reviewer: str,
    digest: str,
) -> Verdict:
    """The verdict as given, or `endorse` while another person must agree to the same text.

    Raises:
        Conflict: this person agreed to it already.
    """
    if verdict not in SENDING or needed.approvals < 2:
        return verdict
    endorsed = await uow.reviews.endorsements(subject.draft.id)
    others = {one.reviewer for one in endorsed if one.revision_hash == digest}
    if reviewer in others:
        raise Conflict("You approved this text already; another person must agree.")
    return verdict if len(others) + 1 >= needed.approvals else Verdict.ENDORSE


async def take_back_endorsement(uow: UnitOfWork, decision: Decision) -> None:
    """Close the task that waits for the second person.

    Raises:
        Conflict: somebody decided it already.
    """
    if not await uow.reviews.supersede(decision.draft_id):
        raise Conflict("Another person decided on this text meanwhile.")


async def _proposal(
    uow: UnitOfWork, subject: Subject, text: str, kinds: PostKindSet, doubtful: bool
) -> Proposal:
    draft = subject.draft
    post = await uow.posts.get(draft.post_request_id) if draft.post_request_id else None
    triages = await uow.triages.latest([draft.case_id]) if draft.case_id else {}
    triage = triages.get(draft.case_id or "")
    weighty = bool(post) and kinds.weighty(post.brief.kind if post else "")
    return proposal(draft.kind, triage, post, text, weighty=weighty, doubtful=doubtful)
