"""Review tasks, decisions and the legal steps between them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from service.domain.base import Frozen, Instant
from service.domain.draft import DraftKind
from service.errors import AlreadyClaimed, IllegalTransition

LEASE = timedelta(minutes=15)
"""How long a claim holds without renewal."""


class TaskStatus(StrEnum):
    """`superseded` tasks belong to drafts that a newer draft replaced."""

    OPEN = "open"
    CLAIMED = "claimed"
    DECIDED = "decided"
    SUPERSEDED = "superseded"


class Verdict(StrEnum):
    """What a reviewer can decide. `endorse` is what becomes of an approval that needs a second
    person: nothing leaves yet."""

    APPROVE = "approve"
    APPROVE_EDITED = "approve_edited"
    REJECT = "reject"
    ESCALATE = "escalate"
    ENDORSE = "endorse"


SENDING = (Verdict.APPROVE, Verdict.APPROVE_EDITED)
"""Verdicts after which a text leaves."""


TEACHING = (Verdict.APPROVE_EDITED, Verdict.REJECT)
"""Verdicts that may say what a draft should have been."""


class RejectReason(StrEnum):
    """Why a draft is refused; shown to reviewers from the catalogue."""

    WRONG = "wrong"
    UNSUPPORTED = "unsupported"
    TONE = "tone"
    NO_REPLY_NEEDED = "no_reply_needed"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    OTHER = "other"


class ReviewTask(Frozen):
    """A draft waiting for a person. `priority` orders the queue, higher first."""

    id: str
    community: str
    draft_id: str
    kind: DraftKind
    case_id: str | None
    status: TaskStatus
    priority: float
    claimed_by: str | None = None
    claim_expires_at: Instant | None = None
    created_at: Instant

    def held_by_other(self, reviewer: str, now: Instant) -> bool:
        """Whether somebody else's claim is still alive."""
        return (
            self.status is TaskStatus.CLAIMED
            and self.claimed_by != reviewer
            and self.claim_expires_at is not None
            and self.claim_expires_at > now
        )

    def claim(self, reviewer: str, now: Instant) -> ReviewTask:
        """The task held by `reviewer` for one lease; claiming again renews.

        Raises:
            IllegalTransition: the task is decided or superseded.
            AlreadyClaimed: another reviewer's lease is alive.
        """
        self._require_undecided()
        if self.held_by_other(reviewer, now):
            raise AlreadyClaimed("Another reviewer is working on this task.", by=self.claimed_by)
        return self.model_copy(
            update={
                "status": TaskStatus.CLAIMED,
                "claimed_by": reviewer,
                "claim_expires_at": now + LEASE,
            }
        )

    def release(self) -> ReviewTask:
        """The task back in the queue."""
        self._require_undecided()
        return self.model_copy(
            update={"status": TaskStatus.OPEN, "claimed_by": None, "claim_expires_at": None}
        )

    def again(self, task_id: str, now: Instant, *, boost: float = 0) -> ReviewTask:
        """A fresh task on the same draft, for another person."""
        return self.model_copy(
            update={
                "id": task_id,
                "status": TaskStatus.OPEN,
                "claimed_by": None,
                "claim_expires_at": None,
                "priority": self.priority + boost,
                "created_at": now,
            }
        )

    def decide(self, reviewer: str, now: Instant) -> ReviewTask:
        """The decided task; needs no earlier claim but respects another's."""
        self.claim(reviewer, now)
        return self.model_copy(update={"status": TaskStatus.DECIDED, "claimed_by": reviewer})

    def reopen(self, reviewer: str, now: Instant) -> ReviewTask:
        """A decided task taken back within the undo window, held by the same reviewer."""
        if self.status is not TaskStatus.DECIDED:
            raise IllegalTransition("Only a decided task can be taken back.")
        return self.model_copy(
            update={
                "status": TaskStatus.CLAIMED,
                "claimed_by": reviewer,
                "claim_expires_at": now + LEASE,
            }
        )

    def superseded(self) -> ReviewTask:
        """The task closed because a newer draft took its draft's place."""
        return self.model_copy(
            update={"status": TaskStatus.SUPERSEDED, "claimed_by": None, "claim_expires_at": None}
        )

    def _require_undecided(self) -> None:
        if self.status in (TaskStatus.DECIDED, TaskStatus.SUPERSEDED):
            raise IllegalTransition("This task is already closed.", status=self.status.value)


class Decision(Frozen):
    """What a person decided about one revision. `undone_at` is set when it was taken back."""

    id: str
    community: str
    task_id: str
    draft_id: str
    verdict: Verdict
    reviewer: str
    revision_number: int
    revision_hash: str
    reason: RejectReason | None = None
    note: str = ""
    decided_at: Instant
    undone_at: Instant | None = None
