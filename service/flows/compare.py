"""Two drafts of the same messages side by side; a reviewer picks the one to go on with."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.base import Lang
from service.domain.draft import Draft, DraftContext, Revision, TemplateRef
from service.domain.draft_ids import is_picked, picked_id, picks
from service.domain.review import ReviewTask
from service.errors import Conflict, NotFound
from service.flows.candidates import candidate_prompt
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter
from service.ports.store import UnitOfWork, UowFactory

MOST_PICKS = 20
"""How often the choice between drafts of the same messages can be changed."""


class Option(NamedTuple):
    """A draft, what it was written from, and its newest text."""

    draft: Draft
    context: DraftContext
    newest: Revision


class Pair(NamedTuple):
    """A draft and the one it took the place of, both of the same messages."""

    older: Option
    newer: Option


class CompareFlow:
    """Reads pairs of drafts and keeps what was picked."""

    def __init__(self, *, uow: UowFactory, drafter: Drafter, clock: Clock, ids: Ids) -> None:
        self._uow, self._drafter, self._clock, self._ids = uow, drafter, clock, ids

    async def pair(self, draft_id: str) -> Pair | None:
        """The draft beside the one before it; None where it is the first of its messages.

        Raises:
            NotFound: there is no such draft.
        """
        async with self._uow() as uow:
            newer = await _option(uow, draft_id)
            if newer.draft.case_id is None or newer.draft.supersedes is None:
                return None
            older = await _option(uow, newer.draft.supersedes)
        same = older.context.case_size == newer.context.case_size
        return Pair(older, newer) if same else None

    async def candidate(self, community: str, lang: Lang) -> TemplateRef | None:
        """The prompt version that a second draft may be written by."""
        await self._drafter.ready()
        async with self._uow() as uow:
            return await candidate_prompt(uow, self._drafter, community, lang)

    async def pick(self, draft_id: str, reviewer: str) -> ReviewTask:
        """Make one of the two newest drafts the one under review, held by the reviewer.

        The older one takes the place of the newer one as a draft of its own, with its edits. A
        repeated pick changes nothing.

        Raises:
            NotFound: there is no such draft.
            AlreadyClaimed: another reviewer's lease is alive.
            Conflict: it is none of the two, saw fewer messages, was decided meanwhile, or the
                choice was changed too often.
        """
        async with self._uow() as uow:
            chosen = await _option(uow, draft_id)
            newest = await _newest(uow, chosen.draft)
            task = await uow.reviews.undecided(newest.draft.id)
            if task is None:
                raise Conflict("The newest draft was decided already.")
            held = task.claim(reviewer, self._clock.now())
            if not await _stands(uow, chosen.draft, newest.draft):
                _require_pickable(chosen, newest)
                held = await self._restored(uow, chosen, newest, held)
            await uow.reviews.save(held)
            await uow.commit()
        return held

    async def _restored(
        self, uow: UnitOfWork, chosen: Option, newest: Option, held: ReviewTask
    ) -> ReviewTask:
        """The task of a copy of the chosen draft, which takes the newest one's place."""
        now, before = self._clock.now(), newest.draft.id
        context = chosen.context.model_copy(update={"id": self._ids.new("ctx")})
        changes = {"supersedes": before, "context_id": context.id, "created_at": now}
        draft = chosen.draft.model_copy(update={"id": picked_id(before), **changes})
        await uow.reviews.supersede(before)
        revisions = await uow.drafts.revisions(chosen.draft.id)
        await uow.drafts.add(context, draft, revisions[0])
        for edit in revisions[1:]:
            await uow.drafts.add_revision(draft.id, edit)
        changes = {"id": self._ids.new("task"), "draft_id": draft.id, "created_at": now}
        task = held.model_copy(update=changes)
        await uow.reviews.add_task(task)
        return task


async def _option(uow: UnitOfWork, draft_id: str) -> Option:
    draft = await uow.drafts.get(draft_id)
    context = await uow.drafts.context(draft.context_id) if draft else None
    if draft is None or context is None:
        raise NotFound("There is no such draft.")
    return Option(draft, context, (await uow.drafts.revisions(draft_id))[-1])


async def _newest(uow: UnitOfWork, draft: Draft) -> Option:
    """The newest draft of the same case, which stays the newest until the transaction ends."""
    if draft.case_id is None:
        raise Conflict("Only replies can be picked.")
    await uow.cases.lock(f"draft:{draft.case_id}")
    found = await uow.drafts.latest_for_case(draft.case_id)
    return await _option(uow, found[0].id if found else draft.id)


async def _stands(uow: UnitOfWork, chosen: Draft, newest: Draft) -> bool:
    """Whether the newest is the chosen one, or the chosen one picked before."""
    if chosen.id == newest.id:
        return True
    before = await uow.drafts.get(newest.supersedes or "") if is_picked(newest.id) else None
    return before is not None and before.supersedes == chosen.id


def _require_pickable(chosen: Option, newest: Option) -> None:
    if newest.draft.supersedes != chosen.draft.id:
        raise Conflict("Only the newest draft and the one before it can be picked.")
    if chosen.context.case_size != newest.context.case_size:
        raise Conflict("The member wrote more since that draft.")
    if picks(newest.draft.id) >= MOST_PICKS:
        raise Conflict(f"The choice was changed {MOST_PICKS} times; please decide or edit.")
