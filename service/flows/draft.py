"""A triaged case gets a drafted reply and a review task."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import NamedTuple

import structlog

from service.domain.case import REPLY_WINDOW, CaseText
from service.domain.community import Community
from service.domain.draft import (
    Background,
    Composition,
    Draft,
    DraftContext,
    DraftKind,
    TemplateRef,
    first_revision,
)
from service.domain.draft_ids import draft_id, redrafts
from service.domain.priority import priority
from service.domain.review import ReviewTask, TaskStatus
from service.domain.support import SupportLedger
from service.domain.triage import Triage
from service.errors import Conflict, NotFound
from service.flows.background import BackgroundSource
from service.flows.candidates import candidate_prompt
from service.ports.clock import Clock, Ids
from service.ports.engines import ContextInput, Drafter, Redactor, RuleSearch
from service.ports.jobs import SWEEP_REST, Job
from service.ports.models import ChatModel, OnDelta
from service.ports.store import UnitOfWork, UowFactory

MAX_REDRAFTS = 5
"""Drafts of one case that people may ask for beyond the first."""

log = structlog.get_logger()


class _Ground(NamedTuple):
    """What is known of the case when drafting starts."""

    community: Community
    case: CaseText
    triage: Triage
    previous: Draft | None
    seen: int
    """Messages the previous draft saw; 0 without one."""


class _Wish(NamedTuple):
    """What a person wants of another draft."""

    instruction: str = ""
    template: TemplateRef | None = None
    """Prompt version to use; None: the one in force."""


class DraftFlow:
    """Drafts replies; the model is asked outside any transaction."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        rules: RuleSearch,
        background: BackgroundSource,
        drafter: Drafter,
        redactor: Redactor,
        chat: ChatModel | None,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._rules, self._drafter, self._chat = uow, rules, drafter, chat
        self._background = background
        self._redactor, self._clock, self._ids = redactor, clock, ids

    async def draft_due(self, case_id: str) -> Draft | None:
        """Draft a reply unless one exists for the case's present messages.

        Returns None when there is nothing to do: no triage of the newest messages yet, no reply
        due, or a draft of them stands already.
        """
        async with self._uow() as uow:
            ground = await self._ground(uow, case_id)
        if ground is None or not ground.triage.judgement.route.reply_due:
            return None
        if ground.seen >= ground.case.case.size:
            return None
        return await self._draft(ground, _Wish(), on_delta=None)

    async def redraft(
        self,
        case_id: str,
        *,
        instruction: str = "",
        candidate: bool = False,
        on_delta: OnDelta | None = None,
    ) -> Draft:
        """Draft again, superseding the last.

        Args:
            instruction: a reviewer's.
            candidate: by the candidate version of the prompt, whatever its share of the cases.

        Raises:
            NotFound: no such case.
            Conflict: the case is not triaged yet, was answered, or was redrafted too often; there
                is no candidate.
        """
        async with self._uow() as uow:
            ground = await self._ground(uow, case_id)
            if ground is None:
                raise Conflict("This case is not triaged yet; try again in a moment.")
            if await _answered(uow, ground):
                raise Conflict("A reply to these messages was approved; take that back first.")
        if ground.previous and redrafts(ground.previous.id) >= MAX_REDRAFTS:
            raise Conflict(f"This case was redrafted {MAX_REDRAFTS} times; please write by hand.")
        clean = self._redactor.redact(instruction).text
        template = await self._candidate(ground) if candidate else None
        draft = await self._draft(ground, _Wish(clean, template), on_delta=on_delta)
        if draft is None:
            raise Conflict("Somebody else redrafted or answered this case at the same moment.")
        return draft

    async def sweep(self, limit: int = 500) -> int:
        """Defer drafts that are due and have none, in case their job was lost."""
        async with self._uow() as uow:
            since = self._clock.now() - REPLY_WINDOW
            due = await uow.drafts.cases_due(limit, since=since)
            for case_id, size in due:
                await uow.jobs.defer(
                    Job.DRAFT,
                    {"case_id": case_id},
                    key=f"draft:{case_id}:{size}",  # as triage named it: one that waits is enough
                    rest=SWEEP_REST,
                )
            await uow.commit()
        return len(due)

    async def _ground(self, uow: UnitOfWork, case_id: str) -> _Ground | None:
        case = (await uow.cases.texts([case_id])).get(case_id)
        if case is None:
            raise NotFound("There is no such case.")
        triage = (await uow.triages.latest([case_id])).get(case_id)
        if triage is None or triage.case_size < case.case.size:
            return None
        community = await uow.communities.get(case.case.community)
        if community is None:
            raise NotFound("There is no such community.")
        newest = await uow.drafts.latest_for_case(case_id)
        draft, seen = (newest[0], newest[1].case_size) if newest else (None, 0)
        return _Ground(community, case, triage, draft, seen)

    async def _candidate(self, ground: _Ground) -> TemplateRef:
        await self._drafter.ready()
        lang = ground.triage.judgement.lang
        async with self._uow() as uow:
            found = await candidate_prompt(uow, self._drafter, ground.community.id, lang)
        if found is None:
            raise Conflict("There is no candidate version of this prompt.")
        return found

    async def _draft(
        self, ground: _Ground, wish: _Wish, *, on_delta: OnDelta | None
    ) -> Draft | None:
        context = await self._context(ground, wish)
        context, composition = await self._reused(ground, context) or (
            context,
            await self._drafter.compose(context, self._chat, on_delta=on_delta),
        )
        support = await self._drafter.support(context, composition, self._chat)
        return await self._store(ground, context, composition, support)

    async def _reused(
        self, ground: _Ground, context: DraftContext
    ) -> tuple[DraftContext, Composition] | None:
        """The approved answer to the same question, unless its clauses changed since or a reviewer
        asked for another draft."""
        if ground.previous is not None:
            return None
        async with self._uow() as uow:
            answer = await uow.drafts.approved_like(ground.case.case.id, context.lang)
            if answer is None:
                return None
            if await uow.changes.outdated(context.community, answer.passages):
                return None
        return self._drafter.reuse(context, answer)

    async def _context(self, ground: _Ground, wish: _Wish) -> DraftContext:
        await self._drafter.ready()
        community = ground.community.id
        found, titles, background = await asyncio.gather(
            self._rules.search(community, ground.triage.judgement.redacted.text),
            self._rules.titles(community),
            self._around(ground),
        )
        given = ContextInput(
            context_id=self._ids.new("ctx"),
            community=ground.community,
            case=ground.case,
            judgement=ground.triage.judgement,
            retrieval=found,
            titles=titles,
            instruction=wish.instruction,
            created_at=self._clock.now(),
            background=background,
            template=wish.template,
        )
        return await asyncio.to_thread(self._drafter.reply_context, given)  # it may embed clauses

    async def _around(self, ground: _Ground) -> Background:
        """Only a model reads it."""
        if self._chat is None:
            return Background()
        return await self._background.of(ground.case.case, ground.triage)

    async def _store(
        self,
        ground: _Ground,
        context: DraftContext,
        composition: Composition,
        support: SupportLedger,
    ) -> Draft | None:
        now, case = self._clock.now(), ground.case.case
        draft = Draft(
            id=draft_id(case.id, case.size, ground.previous.id if ground.previous else None),
            community=case.community,
            kind=DraftKind.REPLY,
            context_id=context.id,
            case_id=case.id,
            post_request_id=None,
            lang=context.lang,
            composition=composition,
            findings=self._drafter.check(context, composition, support),
            support=support,
            supersedes=ground.previous.id if ground.previous else None,
            created_at=now,
        )
        async with self._uow() as uow:
            await uow.cases.lock(f"draft:{case.id}")
            newest = await uow.drafts.latest_for_case(case.id)
            if (newest[0].id if newest else None) != draft.supersedes:
                return None  # another draft came first while this one was written
            if draft.supersedes:
                await uow.reviews.supersede(draft.supersedes)
            if await _answered(uow, ground):
                return None  # superseding waited for a decision that was being made
            await uow.drafts.add(context, draft, first_revision(composition, now))
            await uow.reviews.add_task(await self._task(uow, draft, ground, now))
            await uow.commit()
        return draft

    async def _task(
        self, uow: UnitOfWork, draft: Draft, ground: _Ground, now: datetime
    ) -> ReviewTask:
        return ReviewTask(
            id=self._ids.new("task"),
            community=draft.community,
            draft_id=draft.id,
            kind=draft.kind,
            case_id=draft.case_id,
            status=TaskStatus.OPEN,
            priority=priority(
                severity=ground.triage.judgement.severity,
                reach=await uow.reviews.reach(ground.case.case.id),
                waiting_since=ground.case.case.last_at,
                pressing=ground.triage.judgement.route.pressing,
            ),
            created_at=now,
        )


async def _answered(uow: UnitOfWork, ground: _Ground) -> bool:
    """Whether a person approved a reply to exactly these messages."""
    if ground.previous is None or ground.seen < ground.case.case.size:
        return False
    return await uow.reviews.answered(ground.previous.id)
