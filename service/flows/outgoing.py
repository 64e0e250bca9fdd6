"""What an approval sends: the outbox entry and its payload. Part of the review flow."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from service.domain.community import Community
from service.domain.delivery import OutboxEntry, OutboxStatus
from service.domain.draft import Composition, Draft, DraftContext, Origin, Revision
from service.domain.review import Decision
from service.drafting.platforms import platforms
from service.errors import Conflict, NotFound
from service.ports.store import UnitOfWork


class Approved(NamedTuple):
    """A decision to send, with the text it names."""

    draft: Draft
    context: DraftContext
    decision: Decision
    revision: Revision


async def entry_of(
    uow: UnitOfWork, approved: Approved, entry_id: str, earliest: datetime
) -> OutboxEntry:
    """The entry, held where the community has no receiver.

    Args:
        earliest: when the undo window ends; a post may ask for a later moment.

    Raises:
        NotFound: the community is gone.
        Conflict: the post was called off.
    """
    decision = approved.decision
    community = await uow.communities.get(decision.community)
    if community is None:
        raise NotFound("There is no such community.")
    wanted = await _wanted(uow, approved)
    start = max(earliest, wanted) if wanted else earliest
    by_hand = _by_hand(approved, community)
    return OutboxEntry(
        id=entry_id,
        community=decision.community,
        decision_id=decision.id,
        kind=approved.draft.kind,
        payload=_payload(approved, community) | await _place(uow, approved) | {"manual": by_hand},
        status=_first_status(community, by_hand=by_hand),
        not_before=start,
        next_attempt_at=start,
        created_at=decision.decided_at,
    )


async def _wanted(uow: UnitOfWork, approved: Approved) -> datetime | None:
    """When a post is to leave: as last set on the calendar, else as its brief says.

    Raises:
        Conflict: it was called off.
    """
    request_id = approved.draft.post_request_id
    move = await uow.calendar.move_of(request_id) if request_id else None
    if move is not None:
        if move.at is None:
            raise Conflict("This post was called off; give it a time on the calendar first.")
        return move.at
    wanted = approved.context.parameters.get("not_before")
    return datetime.fromisoformat(wanted) if wanted else None


def _by_hand(approved: Approved, community: Community) -> bool:
    """Whether a person must post it, since nothing can send to that platform."""
    named = approved.context.parameters.get("channel", "")
    on = {channel.name: channel.platform for channel in community.channels}.get(named)
    platform = platforms().get(on or "")
    return approved.draft.post_request_id is not None and bool(platform and platform.manual)


def _first_status(community: Community, *, by_hand: bool) -> OutboxStatus:
    ready = community.delivery_url and not by_hand
    return OutboxStatus.PENDING if ready else OutboxStatus.HELD


def _payload(approved: Approved, community: Community) -> dict[str, object]:
    """What the receiver gets; it holds no member text."""
    draft, _, decision, revision = approved
    return {
        "type": draft.kind.value,
        "community": community.id,
        "text": revision.text,
        "lang": draft.lang.value,
        "citations": [c.clause_id for c in draft.composition.citations],
        "decision_id": decision.id,
        "approved_by": decision.reviewer,
        "ai_drafted": _by_model(draft.composition),
        "model": draft.composition.model,
        "template": f"{approved.context.template.id} v{approved.context.template.version}",
        "edited": revision.number > 1,
    }


def _by_model(composed: Composition) -> bool:
    """Whether a model wrote the text first, here or where it was approved before."""
    return composed.model is not None and composed.origin in (Origin.MODEL, Origin.REUSED)


async def _place(uow: UnitOfWork, approved: Approved) -> dict[str, object]:
    """Where the text belongs."""
    draft = approved.draft
    if draft.case_id is None:
        given = approved.context.parameters
        post: dict[str, object] = {"post_request_id": draft.post_request_id}
        return post | {n: given.get(n, "") for n in ("channel", "format", "post_kind", "title")}
    last = (await uow.cases.texts([draft.case_id]))[draft.case_id].messages[-1]
    return {
        "case_id": draft.case_id,
        "source": last.source,
        "channel": last.channel,
        "thread": last.thread,
        "reply_to": last.external_id,
        "author": last.author,
    }
