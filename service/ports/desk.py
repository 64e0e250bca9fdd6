"""What the store keeps of drafts, reviews, posts and what leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from service.domain.base import Lang
from service.domain.delivery import DeliveryAttempt, OutboxEntry
from service.domain.draft import ApprovedAnswer, Draft, DraftContext, Revision
from service.domain.post import PostRequest
from service.domain.review import Decision, ReviewTask


class WaitingTask(NamedTuple):
    """An undecided task and what its place in the queue is made of."""

    task_id: str
    priority: float
    severity: int
    reach: int
    waiting_since: datetime
    escalations: int
    pressing: int


class Drafts(Protocol):
    """Contexts, drafts and revisions; append-only."""

    async def add(self, context: DraftContext, draft: Draft, revision: Revision) -> None: ...
    async def add_revision(self, draft_id: str, revision: Revision) -> None: ...
    async def get(self, draft_id: str) -> Draft | None: ...
    async def context(self, context_id: str) -> DraftContext | None: ...
    async def revisions(self, draft_id: str) -> tuple[Revision, ...]: ...
    async def latest_for_case(self, case_id: str) -> tuple[Draft, DraftContext] | None: ...
    async def for_post(self, request_id: str) -> tuple[Draft, ...]:
        """Drafts of a post request, oldest first; one a variant, and what replaced them."""
        ...

    async def approved_like(self, case_id: str, lang: Lang) -> ApprovedAnswer | None:
        """The newest answer in this language that a person approved for a case saying the same."""
        ...

    async def approved_among(
        self, case_ids: Sequence[str], lang: Lang, *, unlike: str
    ) -> tuple[ApprovedAnswer, ...]:
        """The newest approved answer in this language of each of these cases, in their order;
        none of cases that say the same as `unlike`."""
        ...

    async def cases_due(self, limit: int, *, since: datetime) -> tuple[tuple[str, int], ...]:
        """Cases written to after `since` whose newest triage asks for a reply, without a draft
        for that size, and the size; most severe first."""
        ...


class Reviews(Protocol):
    """Review tasks and decisions."""

    async def add_task(self, task: ReviewTask) -> None: ...
    async def get(self, task_id: str, *, lock: bool = False) -> ReviewTask | None:
        """The task; `lock` holds its row until the transaction ends."""
        ...

    async def save(self, task: ReviewTask) -> None: ...
    async def undecided(self, draft_id: str) -> ReviewTask | None:
        """The task of a draft that waits for a person, its row held until the transaction ends."""
        ...

    async def supersede(self, draft_id: str) -> bool:
        """Close the undecided task of a draft that a newer draft replaced; whether there was
        one."""
        ...

    async def add_decision(self, decision: Decision) -> None: ...
    async def decision_of(self, task_id: str) -> Decision | None:
        """The decision in force, if any (an undone one is not)."""
        ...

    async def answered(self, draft_id: str) -> bool:
        """Whether an approval of this draft is in force."""
        ...

    async def endorsements(self, draft_id: str) -> tuple[Decision, ...]:
        """First approvals of this draft in force that wait for a second, oldest first."""
        ...

    async def undo(self, decision_id: str, at: datetime) -> None: ...
    async def reach(self, case_id: str) -> int:
        """Distinct authors among the case and the cases that duplicate it."""
        ...

    async def waiting(self, case_ids: Collection[str]) -> tuple[WaitingTask, ...]:
        """Undecided tasks of every case in the groups of these, by task id."""
        ...

    async def set_priorities(self, priorities: Mapping[str, float]) -> None:
        """Task id to its new place in the queue."""
        ...


class Outbox(Protocol):
    """What leaves."""

    async def add(self, entry: OutboxEntry) -> None: ...
    async def get(self, entry_id: str, *, lock: bool = False) -> OutboxEntry | None: ...
    async def for_decision(self, decision_id: str, *, lock: bool = False) -> OutboxEntry | None: ...
    async def of_post(self, request_id: str, *, lock: bool = False) -> tuple[OutboxEntry, ...]:
        """Entries of a post's drafts whose decisions stand."""
        ...

    async def save(self, entry: OutboxEntry) -> None: ...
    async def add_attempt(self, attempt: DeliveryAttempt) -> None: ...
    async def due(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Ids of pending entries whose next attempt is due."""
        ...


class Posts(Protocol):
    """Post requests."""

    async def add(self, request: PostRequest) -> None: ...
    async def get(self, request_id: str) -> PostRequest | None: ...
    async def pending(self, limit: int) -> tuple[str, ...]:
        """Requests of which a variant has no draft."""
        ...
