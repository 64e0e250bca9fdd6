"""Editors ask for posts; drafts come back for review like replies do."""

from __future__ import annotations

from collections.abc import Mapping

from service.domain.community import Community
from service.domain.draft import (
    Draft,
    DraftContext,
    DraftKind,
    first_revision,
)
from service.domain.fact import FactAsk
from service.domain.post import PostBrief, PostRequest
from service.domain.priority import priority
from service.domain.review import ReviewTask, TaskStatus
from service.errors import NotFound
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter, PostInput, Redactor, RuleSearch
from service.ports.facts import FactSource
from service.ports.jobs import SWEEP_REST, Job
from service.ports.models import ChatModel, OnDelta
from service.ports.store import UowFactory

POST_SEVERITY = 1
"""Posts wait in the queue as ordinary cases do."""


class ContentFlow:
    """Takes briefs, drafts posts."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        facts: FactSource,
        rules: RuleSearch,
        drafter: Drafter,
        redactor: Redactor,
        chat: ChatModel | None,
        clock: Clock,
        ids: Ids,
        groups: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Wire the flow; `groups` are the facts each kind of post is written around."""
        self._uow, self._rules, self._drafter = uow, rules, drafter
        self._facts, self._groups = facts, groups or {}
        self._redactor, self._chat = redactor, chat
        self._clock, self._ids = clock, ids

    async def request(self, community: str, brief: PostBrief, by: str) -> PostRequest:
        """Store a brief and defer its draft.

        Raises:
            NotFound: no such community, or no template for this kind of post.
        """
        await self._drafter.ready()
        self._drafter.template_for("post", brief.kind, brief.lang, community=community)
        request = PostRequest(
            id=self._ids.new("post"),
            community=community,
            brief=brief,
            requested_by=by,
            created_at=self._clock.now(),
        )
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound(f"There is no community {community!r}.")
            await uow.posts.add(request)
            await uow.jobs.defer(Job.POST, {"request_id": request.id}, key=f"post:{request.id}")
            await uow.commit()
        return request

    async def draft_due(self, request_id: str, *, on_delta: OnDelta | None = None) -> Draft | None:
        """Draft the post unless it has a draft."""
        async with self._uow() as uow:
            request = await uow.posts.get(request_id)
            if request is None or await uow.drafts.for_post(request_id) is not None:
                return None
            community = await uow.communities.get(request.community)
        if community is None:
            raise NotFound("There is no such community.")
        context = await self._context(request, community)
        composition = await self._drafter.compose(context, self._chat, on_delta=on_delta)
        draft = Draft(
            id=f"draft_{request.id}",
            community=request.community,
            kind=DraftKind.POST,
            context_id=context.id,
            case_id=None,
            post_request_id=request.id,
            lang=context.lang,
            composition=composition,
            findings=self._drafter.check(context, composition),
            supersedes=None,
            created_at=self._clock.now(),
        )
        return await self._store(context, draft)

    async def sweep(self, limit: int = 200) -> int:
        """Defer drafts of briefs that have none, in case their job was lost."""
        async with self._uow() as uow:
            pending = await uow.posts.pending(limit)
            for request_id in pending:
                await uow.jobs.defer(
                    Job.POST,
                    {"request_id": request_id},
                    key=f"post-sweep:{request_id}",
                    rest=SWEEP_REST,
                )
            await uow.commit()
        return len(pending)

    async def _context(self, request: PostRequest, community: Community) -> DraftContext:
        await self._drafter.ready()
        brief = request.brief
        redacted = self._redactor.redact("\n".join((brief.title, *brief.points)))
        return self._drafter.post_context(
            PostInput(
                context_id=self._ids.new("ctx"),
                community=community,
                request_id=request.id,
                brief=brief,
                redacted_points=redacted,
                retrieval=await self._rules.search(request.community, redacted.text),
                titles=await self._rules.titles(request.community),
                facts=await self._facts.facts(self._ask(request)),
                instruction="",
                created_at=self._clock.now(),
            )
        )

    def _ask(self, request: PostRequest) -> FactAsk:
        brief = request.brief
        return FactAsk(
            community=request.community,
            groups=self._groups.get(brief.kind, ()),
            lang=brief.lang,
        )

    async def _store(self, context: DraftContext, draft: Draft) -> Draft | None:
        async with self._uow() as uow:
            await uow.cases.lock(f"draft:{draft.post_request_id}")
            if await uow.drafts.get(draft.id) is not None:
                return None
            revision = first_revision(draft.composition, draft.created_at)
            await uow.drafts.add(context, draft, revision)
            await uow.reviews.add_task(self._task(draft))
            await uow.commit()
        return draft

    def _task(self, draft: Draft) -> ReviewTask:
        return ReviewTask(
            id=self._ids.new("task"),
            community=draft.community,
            draft_id=draft.id,
            kind=draft.kind,
            case_id=None,
            status=TaskStatus.OPEN,
            priority=priority(severity=POST_SEVERITY, reach=1, waiting_since=draft.created_at),
            created_at=draft.created_at,
        )
