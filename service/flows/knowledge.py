"""Approved answers become suggestions for the FAQ."""

from __future__ import annotations

import asyncio

from retrieval.ports import Embedder, VectorStore
from service.domain.draft import Composition, Origin
from service.domain.knowledge import (
    Answered,
    Proposal,
    Suggestion,
    SuggestionStatus,
    Unfit,
)
from service.domain.message import text_hash
from service.drafting.context import Budget, freeze_passages
from service.drafting.knowledge import only_repeats, propose
from service.flows.nearby import open_cases, stored_near
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter, Redactor, RuleSearch
from service.ports.knowledge import Matter
from service.ports.store import UowFactory

ALIKE = 0.95
"""Least cosine, within a category, of two questions that count as one matter without being
duplicates. Of the 20 nearest of 3,000 questions of banking77 and clinc150, 84% and 94% of the pairs
above it asked for the same; an editor reads every suggestion."""

NEIGHBOURS = 50


class KnowledgeFlow:
    """Looks at each approval: does it answer what others ask as well?"""

    def __init__(
        self,
        *,
        uow: UowFactory,
        rules: RuleSearch,
        drafter: Drafter,
        embedder: Embedder,
        vectors: VectorStore,
        redactor: Redactor,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._rules, self._drafter = uow, rules, drafter
        self._embedder, self._vectors, self._redactor = embedder, vectors, redactor
        self._clock, self._ids = clock, ids

    async def consider(self, case_id: str) -> Suggestion | Unfit | None:
        """Suggest an entry from the answers to what this case asks, or say why they make none.

        None where no approval stands, where the clauses say it already, or where somebody decided
        on this matter before. A suggestion that waits follows the newest answers.

        Raises:
            TransientProviderError: the embedder is away.
        """
        async with self._uow() as uow:
            matter = await uow.knowledge.matter(case_id)
        if matter is None:
            return None
        answers = await self._answers(matter, case_id)
        made = propose(answers, matter.lang, self._redactor)
        if isinstance(made, Unfit):
            return made
        if await self._said_already(matter.community, made):
            return None
        return await self._keep(matter.community, made)

    async def _answers(self, matter: Matter, case_id: str) -> tuple[Answered, ...]:
        """To the group of the case and to what is all but the same, of members alone."""
        near = await self._near(matter.community, case_id)
        async with self._uow() as uow:
            community = await uow.communities.get(matter.community)
            found = await uow.knowledge.answers({*matter.case_ids, *near}, matter.lang)
        staff = community.staff if community else frozenset()
        own = next((one.category for one in found if one.case_id == case_id), None)
        group = frozenset(matter.case_ids)
        return tuple(
            one
            for one in found
            if one.author not in staff and (one.case_id in group or one.category == own)
        )

    async def _near(self, community: str, case_id: str) -> list[str]:
        async with self._uow() as uow:
            rows = await uow.vectors.load(community, "case", ids=[case_id])
        if not rows.ids:
            return []
        index = await asyncio.to_thread(open_cases, self._vectors, self._embedder, community)
        hits = await asyncio.to_thread(stored_near, index, rows.vectors[:1], NEIGHBOURS)
        return [one for one, score in hits[0] if score >= ALIKE]

    async def _said_already(self, community: str, made: Proposal) -> bool:
        """Whether the clauses found for the question say all the answer says."""
        retrieval = await self._rules.search(community, made.question)
        if not retrieval.found:
            return False
        titles = await self._rules.titles(community)
        async with self._uow() as uow:
            draft = await uow.drafts.get(made.sources[0].draft_id)
            context = await uow.drafts.context(draft.context_id) if draft else None
        if context is None:
            return False
        passages = freeze_passages(retrieval, titles, Budget())
        now = context.model_copy(update={"passages": passages, "instruction": ""})
        return only_repeats(await self._drafter.support(now, _as_composed(made.answer), None))

    async def _keep(self, community: str, made: Proposal) -> Suggestion | None:
        case_ids = tuple(sorted(one.case_id for one in made.sources))
        question_hash = text_hash(made.question)
        async with self._uow() as uow:
            await uow.knowledge.lock(community)
            known = await uow.knowledge.touching(community, case_ids, question_hash)
            if any(not one.waiting for one in known):
                return None
            kept = known[0] if known else self._fresh(community, made, case_ids, question_hash)
            same = {name: getattr(made, name) for name in Proposal.model_fields}
            kept = kept.model_copy(update=same | {"case_ids": case_ids})
            await uow.knowledge.save(kept)
            await uow.commit()
        return kept

    def _fresh(
        self, community: str, made: Proposal, case_ids: tuple[str, ...], question_hash: str
    ) -> Suggestion:
        return Suggestion(
            **dict(made),
            id=self._ids.new("sug"),
            community=community,
            status=SuggestionStatus.PROPOSED,
            case_ids=case_ids,
            question_hash=question_hash,
            created_at=self._clock.now(),
        )


def _as_composed(text: str) -> Composition:
    return Composition(
        text=text,
        citations=(),
        refusal=None,
        refusal_reason="",
        origin=Origin.PERSON,
        model=None,
    )
