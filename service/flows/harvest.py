"""What people set, edit and refuse becomes a proposed test case."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.cleaning import clean_text
from service.domain.draft import Draft, DraftContext, Origin
from service.domain.message import MAX_TEXT
from service.domain.review import Decision, ReviewTask, Verdict
from service.domain.sample import (
    Sample,
    SampleOrigin,
    SampleStatus,
    SampleTask,
    Wanted,
)
from service.domain.triage import Triage
from service.drafting.knowledge import changed_share
from service.drafting.struck import (
    STRONG,
    Seen,
    refused_sentences,
    reply_wanted,
    retrieval_wanted,
)
from service.errors import Conflict, DuplicateSample, InvalidInput, NotFound
from service.flows.sample_store import require_single, sample_text
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter, Redactor
from service.ports.store import UnitOfWork, UowFactory
from service.triage.wanted import triage_wanted


class Reviewed(NamedTuple):
    """A draft with what a reviewer had before them and decided, if they did."""

    task: ReviewTask
    draft: Draft
    seen: Seen
    decision: Decision | None


class HarvestFlow:
    """Proposes samples: when a person asks for one, and by itself from corrections."""

    def __init__(
        self, *, uow: UowFactory, drafter: Drafter, redactor: Redactor, clock: Clock, ids: Ids
    ) -> None:
        self._uow, self._drafter, self._redactor = uow, drafter, redactor
        self._clock, self._ids = clock, ids

    async def from_case(self, case_id: str, *, by: str) -> Sample:
        """A triage sample: the text, and category and severity as they stand.

        Raises:
            NotFound, Conflict: no such case; not triaged yet, or taken back by the member.
            InvalidInput: the text is too long, or nothing is to be expected.
            DuplicateSample: another sample says the same.
        """
        triage = await self._triage(case_id)
        wanted = triage_wanted(triage)
        return await self._propose(_of_triage(triage), wanted, SampleOrigin.PERSON, by)

    async def from_task(
        self, task_id: str, kind: SampleTask, *, by: str, text: str | None = None
    ) -> Sample:
        """A sample from a reply under review, or from one that was decided.

        Args:
            text: what stands in front of the reviewer; None: the decided or newest revision.

        Raises:
            NotFound, Conflict, InvalidInput, DuplicateSample: as `from_case`; `InvalidInput` also
                for a post.
        """
        reviewed = await self._reviewed(task_id, text)
        if kind is SampleTask.TRIAGE:
            return await self.from_case(reviewed.draft.case_id or "", by=by)
        if kind is SampleTask.RETRIEVAL:
            wanted: Wanted | None = retrieval_wanted(reviewed.seen)
        else:
            wanted = self._reply(reviewed)
        return await self._propose(_of_reply(reviewed), wanted, SampleOrigin.PERSON, by)

    async def after_override(self, case_id: str) -> Sample | None:
        """Suggest what a person corrected of a triage; None where that says nothing new."""
        triage = await self._triage(case_id)
        wanted = triage_wanted(triage, corrected=True)
        if triage.standing is None or wanted is None:
            return None
        by = triage.standing.by
        return await self._suggest(_of_triage(triage), wanted, SampleOrigin.OVERRIDE, by)

    async def after_decision(self, task_id: str) -> Sample | None:
        """Suggest what a reviewer refused or much changed; None where the decision was taken back
        or says nothing of the text."""
        reviewed = await self._reviewed(task_id, None)
        origin, wanted = _telling(reviewed), self._reply(reviewed)
        if reviewed.decision is None or origin is None or wanted is None:
            return None
        by = reviewed.decision.reviewer
        return await self._suggest(_of_reply(reviewed), wanted, origin, by)

    def _reply(self, reviewed: Reviewed) -> Wanted | None:
        seen, decision = reviewed.seen, reviewed.decision
        if decision is None or decision.verdict is not Verdict.REJECT:
            return reply_wanted(seen, self._redactor)
        refused = refused_sentences(seen, decision.reason)
        return reply_wanted(seen, self._redactor, refused=refused) if refused else None

    async def _triage(self, case_id: str) -> Triage:
        async with self._uow() as uow:
            triage = (await uow.triages.latest([case_id])).get(case_id)
            known = triage is not None or case_id in await uow.cases.texts([case_id])
        if triage is not None:
            return triage
        if not known:
            raise NotFound("There is no such case.")
        raise Conflict("This case is not triaged yet; try again in a moment.")

    async def _reviewed(self, task_id: str, text: str | None) -> Reviewed:
        await self._drafter.ready()
        async with self._uow() as uow:
            task = await uow.reviews.get(task_id)
            draft = await uow.drafts.get(task.draft_id) if task else None
            context = await uow.drafts.context(draft.context_id) if draft else None
            if task is None or draft is None or context is None:
                raise NotFound("There is no such review task.")
            decision = await uow.reviews.decision_of(task_id)
            revisions = await uow.drafts.revisions(draft.id)
        if draft.case_id is None:
            raise InvalidInput("Only a reply makes a test case, not a post.")
        number = decision.revision_number if decision else revisions[-1].number
        stored = next(one.text for one in revisions if one.number == number)
        shown = stored if text is None else _bounded(text)
        return Reviewed(task, draft, await self._seen(draft, context, shown), decision)

    async def _seen(self, draft: Draft, context: DraftContext, shown: str) -> Seen:
        composition, support = draft.composition, draft.support
        if shown.strip() != composition.text.strip():
            edited = {"text": shown, "origin": Origin.PERSON, "refusal": None}
            written = composition.model_copy(update=edited)
            support = await self._drafter.support(context, written, None)
        return Seen(context, composition, draft.support, shown, support)

    async def _suggest(
        self, about: dict[str, object], wanted: Wanted, origin: SampleOrigin, by: str
    ) -> Sample | None:
        try:
            return await self._propose(about, wanted, origin, by)
        except (Conflict, InvalidInput):  # nobody asked for it
            return None

    async def _propose(
        self, about: dict[str, object], wanted: Wanted | None, origin: SampleOrigin, by: str
    ) -> Sample:
        if wanted is None:
            raise InvalidInput("There is nothing to expect here; edit or correct it first.")
        text = sample_text(str(about["text"]), self._redactor)
        fresh = Sample.model_validate(
            about
            | {
                "id": self._ids.new("smp"),
                "status": SampleStatus.PROPOSED,
                "origin": origin,
                "text": text,
                "wanted": wanted,
                "proposed_by": by,
                "created_at": self._clock.now(),
            }
        )
        async with self._uow() as uow:
            kept = await _kept(uow, fresh)
            await uow.samples.save(kept)
            await uow.commit()
        return kept


async def _kept(uow: UnitOfWork, fresh: Sample) -> Sample:
    """The sample to be stored: a proposal that waits for the same case takes up what is newer, but
    a person's is never replaced by a suggestion."""
    await uow.samples.lock(fresh.community)
    if await uow.changes.withdrawn(fresh.case_id):
        raise Conflict("The member took this back.")
    suggested = fresh.origin is not SampleOrigin.PERSON
    earlier = await uow.samples.of_case(fresh.case_id, fresh.task)
    waiting = next((one for one in earlier if one.status is SampleStatus.PROPOSED), None)
    if waiting is None and earlier and suggested:
        raise DuplicateSample("Somebody decided on this case.", sample=earlier[-1].id)
    if waiting is not None:
        if suggested and waiting.origin is SampleOrigin.PERSON:
            return waiting
        fresh = fresh.model_copy(update={"id": waiting.id, "created_at": waiting.created_at})
    require_single(fresh, await uow.samples.live(fresh.community, fresh.task))
    return fresh


def _of_triage(triage: Triage) -> dict[str, object]:
    judged = triage.judgement
    return {
        "community": triage.community,
        "lang": judged.lang,
        "text": judged.redacted.text,
        "case_id": triage.case_id,
    }


def _of_reply(reviewed: Reviewed) -> dict[str, object]:
    context = reviewed.seen.context
    return {
        "community": context.community,
        "lang": context.lang,
        "text": context.member_text.text,
        "category": context.category,
        "case_id": reviewed.draft.case_id,
        "review_task": reviewed.task.id,
    }


def _telling(reviewed: Reviewed) -> SampleOrigin | None:
    """Whether a decision says by itself what a draft should have been."""
    decision, seen = reviewed.decision, reviewed.seen
    if decision is None:
        return None
    if decision.verdict is Verdict.REJECT:
        return SampleOrigin.REJECTED
    edited = decision.verdict is Verdict.APPROVE_EDITED
    strong = edited and changed_share(seen.composition.text, seen.text) >= STRONG
    return SampleOrigin.EDITED if strong else None


def _bounded(text: str) -> str:
    clean = clean_text(text)
    if len(clean) > MAX_TEXT:
        raise InvalidInput(f"The text must have at most {MAX_TEXT} characters.")
    return clean
