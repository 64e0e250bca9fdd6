"""People decide. The only place where an outbox entry is made, and only with a decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from service.domain.approval import ApprovalPolicy
from service.domain.change import StaleReason
from service.domain.cleaning import clean_text
from service.domain.delivery import OutboxStatus
from service.domain.draft import (
    Draft,
    DraftContext,
    Finding,
    Origin,
    Revision,
    Severity,
    revision_hash,
)
from service.domain.message import MAX_TEXT
from service.domain.priority import ESCALATION_BOOST
from service.domain.review import (
    SENDING,
    TEACHING,
    Decision,
    RejectReason,
    ReviewTask,
    Verdict,
)
from service.domain.support import SupportLedger
from service.errors import Conflict, InvalidInput, NotFound
from service.flows.consent import required, take_back_endorsement, verdict_of
from service.flows.freshness import require_fresh, stale_of
from service.flows.outgoing import Approved, entry_of
from service.flows.subject import (
    Subject,
    locked,
    replaced,
    require_newest,
    subject_of,
)
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter
from service.ports.jobs import Job
from service.ports.store import UnitOfWork, UowFactory

REFUSED = "refused"
"""Named among the blocking findings when a refusal's holding text is to leave unedited."""


class Ruling(NamedTuple):
    """What a reviewer wants done.

    `revision_hash` is the hash of the revision the reviewer saw; `text` the edited text
    (approve_edited only); `acknowledge` lets a text with blocking findings pass; `bulk` says that
    it is one of several approved at once.
    """

    verdict: Verdict
    revision_hash: str
    text: str | None = None
    reason: RejectReason | None = None
    note: str = ""
    acknowledge: bool = False
    bulk: bool = False


class Look(NamedTuple):
    """Automatic remarks on a text, and what its sentences rest on."""

    findings: tuple[Finding, ...]
    support: SupportLedger


class Edited(NamedTuple):
    """A saved edit with what the checks say of it."""

    revision: Revision
    findings: tuple[Finding, ...]
    support: SupportLedger


class ReviewFlow:
    """Claim, edit, decide, take back."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        drafter: Drafter,
        policy: ApprovalPolicy,
        clock: Clock,
        ids: Ids,
        undo: timedelta,
    ) -> None:
        self._uow, self._drafter, self._policy = uow, drafter, policy
        self._clock, self._ids, self._undo = clock, ids, undo

    async def claim(self, task_id: str, reviewer: str) -> ReviewTask:
        """Hold a task for one lease; again renews.

        Raises:
            NotFound, AlreadyClaimed, IllegalTransition.
        """
        async with self._uow() as uow:
            task = await locked(uow, task_id)
            claimed = task.claim(reviewer, self._clock.now())
            await uow.reviews.save(claimed)
            await uow.commit()
        return claimed

    async def release(self, task_id: str, reviewer: str) -> ReviewTask:
        """Give a claimed task back.

        Raises:
            NotFound, AlreadyClaimed, IllegalTransition.
        """
        async with self._uow() as uow:
            task = await locked(uow, task_id)
            task.claim(reviewer, self._clock.now())
            released = task.release()
            await uow.reviews.save(released)
            await uow.commit()
        return released

    async def edit(self, task_id: str, reviewer: str, *, text: str, base_hash: str) -> Edited:
        """Save an edit as a new revision and check it.

        Raises:
            NotFound, AlreadyClaimed, IllegalTransition, StaleRevision, InvalidInput.
        """
        await self._drafter.ready()
        async with self._uow() as uow:
            subject = await subject_of(uow, task_id)
            now = self._clock.now()
            await uow.reviews.save(subject.task.claim(reviewer, now))
            revision = await self._revise(uow, subject, reviewer, text, base_hash, now)
            await uow.commit()
        return Edited(revision, *await self.look(subject.draft, subject.context, revision.text))

    async def look(self, draft: Draft, context: DraftContext, text: str) -> Look:
        """What the checks say of a revision's text, without asking a model."""
        if text == draft.composition.text:
            return Look(draft.findings, draft.support)
        edited = {"text": text, "origin": Origin.PERSON, "refusal": None, "refusal_reason": ""}
        composition = draft.composition.model_copy(update=edited)
        support = await self._drafter.support(context, composition, None)
        return Look(self._drafter.check(context, composition, support), support)

    async def decide(self, task_id: str, reviewer: str, ruling: Ruling) -> Decision:
        """Record a decision; an approval puts the text into the outbox in the same transaction.

        Where the policy asks for two people, the first approval becomes an `endorse` and a fresh
        task waits for the second.

        Raises:
            NotFound, AlreadyClaimed, IllegalTransition.
            StaleRevision: the revision decided on is not the newest.
            MovedOn: the member wrote more since, or a newer draft took this one's place.
            InvalidInput: a reject without reason, an approval of an empty text.
            Conflict: blocking findings, or that the text is no answer, were not acknowledged;
                the same person approved this text before; it may not be approved in bulk.
        """
        await self._drafter.ready()
        async with self._uow() as uow:
            subject, now = await subject_of(uow, task_id), self._clock.now()
            decided = subject.task.decide(reviewer, now)
            revision = await self._ruled_revision(uow, subject, reviewer, ruling, now)
            blocking = await self._permit(uow, subject, ruling, revision)
            verdict = await self._verdict(uow, subject, reviewer, ruling, revision, blocking)
            agreed = ruling._replace(verdict=verdict)
            decision = self._decision(subject, reviewer, agreed, revision, now)
            await uow.reviews.save(decided)
            await uow.reviews.add_decision(decision)
            await self._act(uow, subject, decision, revision, now)
            await uow.commit()
        return decision

    async def stale(self, task_id: str) -> tuple[StaleReason, ...]:
        """Why an undecided task's draft no longer fits, if so.

        Raises:
            NotFound: there is no such task.
        """
        async with self._uow() as uow:
            return await stale_of(uow, task_id)

    async def undo(self, task_id: str, reviewer: str) -> ReviewTask:
        """Take one's own decision back while nothing has left. The task opens again, unless a
        newer draft took the place of its draft.

        Raises:
            NotFound: no decision stands.
            Conflict: the window is over, or another reviewer decided.
        """
        async with self._uow() as uow:
            task, now = await locked(uow, task_id), self._clock.now()
            decision = await uow.reviews.decision_of(task_id)
            if decision is None:
                raise NotFound("There is no decision to take back.")
            if decision.reviewer != reviewer:
                raise Conflict("Only the reviewer who decided can take it back.")
            await self._withdraw(uow, decision, now)
            await uow.reviews.undo(decision.id, now)
            reopened = task.reopen(reviewer, now)
            if await replaced(uow, task):
                reopened = reopened.superseded()
            await uow.reviews.save(reopened)
            await uow.commit()
        return reopened

    async def _withdraw(self, uow: UnitOfWork, decision: Decision, now: datetime) -> None:
        entry = await uow.outbox.for_decision(decision.id, lock=True)
        if entry is None:
            if decision.verdict is Verdict.ESCALATE or now > decision.decided_at + self._undo:
                raise Conflict("The time to take this back is over.")
            if decision.verdict is Verdict.ENDORSE:
                await take_back_endorsement(uow, decision)
            return
        waiting = entry.status in (OutboxStatus.PENDING, OutboxStatus.HELD)
        if not waiting or entry.attempts or now >= entry.not_before:
            raise Conflict("The time to take this back is over: the text is on its way.")
        await uow.outbox.save(entry.model_copy(update={"status": OutboxStatus.CANCELLED}))

    async def _ruled_revision(
        self,
        uow: UnitOfWork,
        subject: Subject,
        reviewer: str,
        ruling: Ruling,
        now: datetime,
    ) -> Revision:
        if ruling.verdict is Verdict.APPROVE_EDITED:
            if ruling.text is None:
                raise InvalidInput("An edited approval needs the edited text.")
            return await self._revise(
                uow, subject, reviewer, ruling.text, ruling.revision_hash, now
            )
        require_newest(subject, ruling.revision_hash)
        return subject.newest

    async def _revise(
        self,
        uow: UnitOfWork,
        subject: Subject,
        reviewer: str,
        text: str,
        base_hash: str,
        now: datetime,
    ) -> Revision:
        require_newest(subject, base_hash)
        clean = clean_text(text)
        if not clean or len(clean) > MAX_TEXT:
            raise InvalidInput(f"The text must have 1 to {MAX_TEXT} characters.")
        if clean == subject.newest.text:
            return subject.newest
        revision = Revision(
            number=subject.newest.number + 1,
            text=clean,
            hash=revision_hash(clean),
            origin=Origin.PERSON,
            author=reviewer,
            created_at=now,
        )
        await uow.drafts.add_revision(subject.draft.id, revision)
        return revision

    async def _permit(
        self, uow: UnitOfWork, subject: Subject, ruling: Ruling, revision: Revision
    ) -> list[str]:
        """The blocking findings that were acknowledged."""
        if ruling.verdict is Verdict.ENDORSE:
            raise InvalidInput("Approve it; whether that is enough follows from the policy.")
        if ruling.verdict is Verdict.REJECT and ruling.reason is None:
            raise InvalidInput("A rejection needs a reason.")
        if ruling.verdict not in SENDING:
            return []
        if not revision.text.strip():
            raise InvalidInput("There is no text to send; write one or reject.")
        overruled = await require_fresh(uow, subject)
        looked = await self.look(subject.draft, subject.context, revision.text)
        blocking = [one.value for one in overruled] + [
            finding.check for finding in looked.findings if finding.severity is Severity.BLOCKING
        ]
        composed = subject.draft.composition
        if composed.refusal and revision.text == composed.text:
            blocking.append(REFUSED)
        if blocking and not ruling.acknowledge:
            raise Conflict("The text has blocking findings.", findings=blocking)
        return blocking

    async def _verdict(
        self,
        uow: UnitOfWork,
        subject: Subject,
        reviewer: str,
        ruling: Ruling,
        revision: Revision,
        blocking: list[str],
    ) -> Verdict:
        text, doubtful = revision.text, bool(blocking)
        kinds = self._drafter.post_kinds
        needed = await required(uow, subject, text, self._policy, kinds, doubtful=doubtful)
        if ruling.bulk and not needed.bulk:
            raise Conflict("This one has to be read and approved by itself.")
        given = ruling.verdict
        return await verdict_of(uow, subject, needed, given, reviewer, revision.hash)

    def _decision(
        self,
        subject: Subject,
        reviewer: str,
        ruling: Ruling,
        revision: Revision,
        now: datetime,
    ) -> Decision:
        return Decision(
            id=self._ids.new("dec"),
            community=subject.task.community,
            task_id=subject.task.id,
            draft_id=subject.draft.id,
            verdict=ruling.verdict,
            reviewer=reviewer,
            revision_number=revision.number,
            revision_hash=revision.hash,
            reason=ruling.reason,
            note=ruling.note[:2000],
            decided_at=now,
        )

    async def _act(
        self,
        uow: UnitOfWork,
        subject: Subject,
        decision: Decision,
        revision: Revision,
        now: datetime,
    ) -> None:
        if decision.verdict in TEACHING and subject.task.case_id is not None:
            payload, at = {"task_id": subject.task.id}, now + self._undo
            await uow.jobs.defer(Job.HARVEST, payload, run_at=at, key=f"harvest:{subject.task.id}")
        if decision.verdict in SENDING:
            approved = Approved(subject.draft, subject.context, decision, revision)
            entry_id, earliest = self._ids.new("out"), now + self._undo
            entry = await entry_of(uow, approved, entry_id, earliest)
            await uow.outbox.add(entry)
            if entry.status is OutboxStatus.PENDING:
                await uow.jobs.defer(Job.DELIVER, {"entry_id": entry.id}, run_at=entry.not_before)
            if (case_id := subject.task.case_id) is not None:
                # Not before it can no longer be taken back.
                key = f"suggest:{case_id}"
                await uow.jobs.defer(Job.SUGGEST, {"case_id": case_id}, run_at=earliest, key=key)
        elif decision.verdict in (Verdict.ESCALATE, Verdict.ENDORSE):
            boost = ESCALATION_BOOST if decision.verdict is Verdict.ESCALATE else 0
            again = subject.task.again(self._ids.new("task"), now, boost=boost)
            await uow.reviews.add_task(again)
