"""Editors ask for posts; drafts come back for review like replies do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from retrieval.types import Retrieval
from service.domain.community import Community
from service.domain.draft import Draft, DraftContext, DraftKind, Fact, first_revision
from service.domain.fact import FactAsk
from service.domain.post import PostBrief, PostRequest, PostVariant
from service.domain.post_kind import FieldType
from service.domain.priority import priority
from service.domain.review import ReviewTask, TaskStatus
from service.domain.text import Redacted
from service.errors import NotFound
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter, PostInput, Redactor, RuleSearch
from service.ports.facts import FactSource
from service.ports.jobs import SWEEP_REST, Job
from service.ports.models import ChatModel
from service.ports.store import UowFactory

POST_SEVERITY = 1
"""Posts wait in the queue as ordinary cases do."""


PROSE = 300
"""Characters of an input that a search for clauses takes in."""

OWN_RULES = 3
"""Clauses a kind's own query gives; the rest of the room is for what fits the points."""


class _Ground(NamedTuple):
    """What the variants of a post share."""

    points: Redacted
    retrieval: Retrieval
    titles: Mapping[str, str]
    facts: tuple[Fact, ...]


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
    ) -> None:
        self._uow, self._facts = uow, facts
        self._rules, self._drafter = rules, drafter
        self._redactor, self._chat = redactor, chat
        self._clock, self._ids = clock, ids

    async def request(self, community: str, brief: PostBrief, by: str) -> PostRequest:
        """Store a brief and defer its drafts.

        Raises:
            NotFound: no such community, kind of post, or subject of its facts.
            InvalidInput: the brief does not fit its kind; `details` name field and problem.
        """
        async with self._uow() as uow:
            found = await uow.communities.get(community)
        if found is None:
            raise NotFound(f"There is no community {community!r}.")
        accepted = self._drafter.accept(brief, ZoneInfo(found.timezone))
        await self._facts.require(self._ask(community, accepted))
        request = PostRequest(
            id=self._ids.new("post"),
            community=community,
            brief=accepted,
            requested_by=by,
            created_at=self._clock.now(),
        )
        async with self._uow() as uow:
            await uow.posts.add(request)
            await uow.jobs.defer(Job.POST, {"request_id": request.id}, key=f"post:{request.id}")
            await uow.commit()
        return request

    async def draft_due(self, request_id: str) -> tuple[Draft, ...]:
        """Draft every variant of the post that has no draft."""
        async with self._uow() as uow:
            request = await uow.posts.get(request_id)
            if request is None:
                return ()
            community = await uow.communities.get(request.community)
            drafted = {draft.id for draft in await uow.drafts.for_post(request_id)}
        if community is None:
            raise NotFound("There is no such community.")
        ground = await self._ground(request)
        made = [
            await self._draft(request, community, ground, variant, draft_id)
            for draft_id, variant in request.variants()
            if draft_id not in drafted
        ]
        return tuple(draft for draft in made if draft)

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

    async def _ground(self, request: PostRequest) -> _Ground:
        """What all variants rest on; searched and computed once."""
        await self._drafter.ready()
        brief = request.brief
        points = self._redactor.redact("\n".join(brief.points))
        given = (brief.title, *self._prose(brief))
        about = self._redactor.redact("\n".join(given)).text
        return _Ground(
            points=points,
            retrieval=await self._clauses(request, f"{about}\n{points.text}".strip()),
            titles=await self._rules.titles(request.community),
            facts=await self._facts.facts(self._ask(request.community, brief)),
        )

    def _prose(self, brief: PostBrief) -> tuple[str, ...]:
        """The inputs that are sentences, such as the problem a rule is to solve."""
        inputs = self._drafter.post_kinds.get(brief.kind).inputs
        texts = (brief.inputs.get(one.name, "") for one in inputs if one.type is FieldType.TEXT)
        return tuple(text[:PROSE] for text in texts if text)

    async def _clauses(self, request: PostRequest, text: str) -> Retrieval:
        """What fits the text; of a kind that must rest on rules of its own, these first."""
        kind = self._drafter.post_kinds.get(request.brief.kind)
        fitting = await self._rules.search(request.community, text)
        if kind.rules is None:
            return fitting
        own = await self._rules.search(request.community, kind.rules.query.get(request.brief.lang))
        if not own.found:
            return own if kind.rules.required else fitting
        known = {passage.clause.id for passage in own.passages}
        more = fitting.passages if fitting.found else ()
        extra = tuple(passage for passage in more if passage.clause.id not in known)
        return replace(own, passages=own.passages[:OWN_RULES] + extra)

    async def _draft(
        self,
        request: PostRequest,
        community: Community,
        ground: _Ground,
        variant: PostVariant,
        draft_id: str,
    ) -> Draft | None:
        context = self._drafter.post_context(
            PostInput(
                context_id=self._ids.new("ctx"),
                community=community,
                request_id=request.id,
                brief=request.brief,
                redacted_points=ground.points,
                retrieval=ground.retrieval,
                titles=ground.titles,
                facts=ground.facts,
                instruction="",
                created_at=self._clock.now(),
                variant=variant,
            )
        )
        composition = await self._drafter.compose(context, self._chat)
        support = await self._drafter.support(context, composition, self._chat)
        draft = Draft(
            id=draft_id,
            community=request.community,
            kind=DraftKind.POST,
            context_id=context.id,
            case_id=None,
            post_request_id=request.id,
            lang=context.lang,
            composition=composition,
            findings=self._drafter.check(context, composition, support),
            support=support,
            supersedes=None,
            created_at=self._clock.now(),
        )
        return await self._store(context, draft)

    def _ask(self, community: str, brief: PostBrief) -> FactAsk:
        """The facts of the kind, as far as somebody computes them."""
        wanted = self._drafter.post_kinds.get(brief.kind).facts
        return FactAsk(
            community=community,
            groups=tuple(group for group in wanted if group in self._facts.groups),
            start=brief.start,
            end=brief.end,
            subject=brief.subject,
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
