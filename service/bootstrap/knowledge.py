"""Documents, what is found in them, and what grows out of people's work."""

from __future__ import annotations

from functools import cached_property

from retrieval.corpus import meta_of
from retrieval.documents import parse
from service import sample
from service.bootstrap.gates import GateFlows
from service.bootstrap.shelf import RulesShelf
from service.flows.harvest import HarvestFlow
from service.flows.knowledge import KnowledgeFlow
from service.flows.knowledge_desk import KnowledgeDeskFlow
from service.flows.rules import PolicyOf, RulesFlow
from service.flows.sample_desk import SampleDeskFlow
from service.flows.search import SearchFlow


class KnowledgeFlows(GateFlows):
    """What a community knows."""

    @cached_property
    def rules(self) -> RulesFlow:
        """Documents under version."""
        return RulesFlow(
            uow=self.uow,
            gate=self.gate,
            comparisons=self.evaluations,
            policy=PolicyOf(self.settings.gate.rules, lambda: self._sample_slugs),
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def _sample_slugs(self) -> frozenset[str]:
        """Of the sample community's documents."""
        named = ((name, parse(data, name)) for name, data in sample.documents())
        return frozenset(meta_of(parsed, name).slug for name, parsed in named)

    @cached_property
    def search(self) -> SearchFlow:
        """Which clause answers."""
        return SearchFlow(
            uow=self.uow,
            embedder=self.embedder,
            vectors=self.vectors,
            config=self.retriever_config,
        )

    @cached_property
    def knowledge(self) -> KnowledgeFlow:
        """Approved answers grow into an FAQ."""
        return KnowledgeFlow(
            uow=self.uow,
            rules=self.search,
            drafter=self.drafter,
            embedder=self.embedder,
            vectors=self.vectors,
            redactor=self.redactor,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def knowledge_desk(self) -> KnowledgeDeskFlow:
        """What editors do with it."""
        return KnowledgeDeskFlow(
            uow=self.uow,
            shelf=RulesShelf(self.rules),
            redactor=self.redactor,
            clock=self.clock,
        )

    @cached_property
    def harvest(self) -> HarvestFlow:
        """Corrections and edits grow into test cases."""
        return HarvestFlow(
            uow=self.uow,
            drafter=self.drafter,
            redactor=self.redactor,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def sample_desk(self) -> SampleDeskFlow:
        """What editors do with those."""
        return SampleDeskFlow(
            uow=self.uow,
            taxonomy=self.triager.taxonomy,
            redactor=self.redactor,
            clock=self.clock,
        )
