"""Settings become concrete adapters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from prompts.loader import Prompts, load_prompts
from retrieval.config import RetrieverConfig
from retrieval.ports import Embedder, VectorStore
from service.bootstrap.bench import Bench
from service.bootstrap.candidates import Candidates, Changed
from service.bootstrap.engines import LiveEngines
from service.bootstrap.in_force import InUse, PartFiles
from service.bootstrap.lazy import (
    LazyComparer,
    LazyThemeFinder,
    LazyTriager,
    LazyVectorStore,
)
from service.bootstrap.prompted import LiveDrafter, LiveLabeller, LiveTeller
from service.bootstrap.prompts import Following, LivePrompts
from service.bootstrap.secrets import Secrets
from service.bootstrap.system import SystemClock, TimeOrderedIds
from service.domain.bank import draft_of
from service.domain.spend import Limits
from service.domain.taxonomy import Taxonomy
from service.flows.in_force import usable
from service.flows.learn import labelled
from service.flows.prompt_seed import PromptSeed
from service.flows.spending import SpendingFlow
from service.ports.clock import Clock, Ids
from service.ports.engines import (
    Drafter,
    HeadComparer,
    Labeller,
    Redactor,
    ThemeFinder,
    ThemeTeller,
    Triager,
    Watcher,
)
from service.ports.evaluations import Suite
from service.ports.figures import Figures
from service.ports.insights import Insights
from service.ports.models import ChatModel, Closing, Notifier, Receiver
from service.ports.queries import Queries
from service.ports.store import UowFactory
from service.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.connectors.webhook_out import WebhookReceiver


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Adapters a test puts in the place of the configured ones."""

    clock: Clock | None = None
    ids: Ids | None = None
    embedder: Embedder | None = None
    vectors: VectorStore | None = None
    chat: ChatModel | None = None
    receiver: Receiver | None = None
    notifier: Notifier | None = None
    suite: Suite | None = None
    prompts: Prompts | None = None


class Adapters:
    """The concrete parts. They are built on first use, so that a command which only writes facts
    never loads a model or opens the vector store."""

    def __init__(
        self,
        settings: Settings,
        *,
        database_url: str,
        engine: AsyncEngine,
        secrets: Secrets,
        parts: Parts | None = None,
    ) -> None:
        self.settings, self.database_url, self.secrets = settings, database_url, secrets
        self.engine, self._parts = engine, parts or Parts()
        self.clock: Clock = self._parts.clock or SystemClock()
        self.ids: Ids = self._parts.ids or TimeOrderedIds()
        self._in_use: InUse | None = None

    @cached_property
    def uow(self) -> UowFactory:
        """Opens transactions; jobs are deferred inside them."""
        from service.db.uow import make_uow_factory
        from service.jobs.queue import ProcrastinateQueue

        return make_uow_factory(self.engine, ProcrastinateQueue)

    @cached_property
    def queries(self) -> Queries:
        """Read models."""
        from service.db.queries import SqlQueries

        return SqlQueries(self.engine)

    @cached_property
    def insights(self) -> Insights:
        """Read models of trends, radar and participation."""
        from service.db.queries import SqlInsights

        return SqlInsights(self.engine)

    @cached_property
    def figures(self) -> Figures:
        """Counts for facts."""
        from service.db.queries import SqlFigures

        return SqlFigures(self.engine)

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder; loads its model on first use."""
        from retrieval.build import build_embedder

        return self._parts.embedder or build_embedder(self.settings.retrieval)

    @cached_property
    def vectors(self) -> VectorStore:
        """The vector cache; embedded, it belongs to one process."""
        from retrieval.build import build_vector_store

        return self._parts.vectors or LazyVectorStore(
            lambda: build_vector_store(self.settings.retrieval)
        )

    @cached_property
    def part_files(self) -> PartFiles:
        """Taxonomies and limits as files and settings say."""
        return PartFiles(lambda: self.settings)

    @property
    def in_use(self) -> InUse:
        """What this process works with; as configured until the record was read."""
        if self._in_use is None:
            self._in_use = InUse.of([usable(part) for part in self.part_files.configured()])
        return self._in_use

    @property
    def retriever_config(self) -> RetrieverConfig:
        """How rules are searched, with the limit in force."""
        limit = self.in_use.limits.rule_confidence
        return self.settings.retriever.model_copy(update={"min_confidence": limit})

    @cached_property
    def triager(self) -> Triager:
        """The triage engine over the taxonomy in force; its trained heads are kept on disk."""
        return self.triager_over(lambda: self.in_use.taxonomy)

    def triager_over(self, taxonomy: Callable[[], Taxonomy]) -> LazyTriager:
        """The triage engine over a taxonomy."""
        from service.triage.build import build_triage

        return LazyTriager(
            taxonomy,
            lambda: build_triage(self.embedder, self.heads_dir, taxonomy=taxonomy()),
        )

    @cached_property
    def engines(self) -> LiveEngines:
        """The engines in force: `triager` until something is learned or edited."""
        return LiveEngines(lambda: self.triager, self._versions, self._build_engine)

    @cached_property
    def comparer(self) -> HeadComparer:
        """What measures examples before they are adopted."""
        from service.triage.build import build_refitter

        taxonomy = self.in_use.taxonomy
        return LazyComparer(lambda: build_refitter(self.embedder, self.heads_dir, taxonomy))

    @cached_property
    def candidates(self) -> Candidates:
        """Engines for rehearsals."""
        return Candidates(self._build_engine, lambda: self.in_use.taxonomy)

    @cached_property
    def bench(self) -> Bench:
        """Engines of both sides of a replay."""
        return Bench(
            uow=self.uow,
            embedder=lambda: self.embedder,
            assemble=self._build_engine,
            drafter=self.drafter,
            config=lambda: self.retriever_config,
            taxonomy=lambda: self.in_use.taxonomy.version,
        )

    @property
    def heads_dir(self) -> Path:
        """Where trained heads are kept, beside the embedding model."""
        return self.settings.cache_dir.expanduser() / "heads"

    @cached_property
    def theme_finder(self) -> ThemeFinder:
        """The clustering engine."""
        from service.triage.build import build_themes

        taxonomy = self.in_use.taxonomy
        return LazyThemeFinder(lambda: build_themes(self.embedder, taxonomy))

    @cached_property
    def theme_teller(self) -> ThemeTeller:
        """What a model is asked to call a theme."""
        from service.triage.build import build_theme_teller

        teller = Following[ThemeTeller](
            self.prompts, lambda library: build_theme_teller(self.redactor, library)
        )
        return LiveTeller(teller)

    @cached_property
    def shipped_prompts(self) -> Prompts:
        """The prompt files of this release."""
        return self._parts.prompts or load_prompts()

    @cached_property
    def prompts(self) -> LivePrompts:
        """The prompts in force."""
        shipped = self.shipped_prompts
        seed = PromptSeed(uow=self.uow, shipped=shipped, clock=self.clock, ids=self.ids)
        return LivePrompts(shipped, self.uow, seed.run)

    @cached_property
    def redactor(self) -> Redactor:
        """The choke point for personal data."""
        from service.triage.build import build_redactor

        return build_redactor()

    @cached_property
    def drafter(self) -> Drafter:
        """The drafting engine."""
        from service.drafting.build import build_drafter, build_support

        support = build_support(self.embedder)
        drafter = Following[Drafter](
            self.prompts, lambda library: build_drafter(self.redactor, library, support)
        )
        return LiveDrafter(drafter)

    @cached_property
    def chat(self) -> ChatModel | None:
        """The chat model, or None when none is configured."""
        from service.llm.build import build_chat

        if self._parts.chat is not None:
            return self._parts.chat
        ledger = self.spending
        return build_chat(
            self.settings.llm, ledger.settle, self.clock, self.ids, reserve=ledger.reserve
        )

    def require_chat(self) -> None:
        """Build the chat model now rather than at the first draft.

        Raises:
            ConfigurationError: a provider's key, model file or runtime is not there.
        """
        _ = self.chat

    @cached_property
    def spending(self) -> SpendingFlow:
        """Budgets of model calls, and their ledger."""
        llm = self.settings.llm
        return SpendingFlow(
            uow=self.uow,
            everywhere=Limits.model_validate(llm.budget.model_dump()),
            each=Limits.model_validate(llm.community_budget.model_dump()),
            clock=self.clock,
        )

    @cached_property
    def labeller(self) -> Labeller | None:
        """Asks the chat model what the heads leave open; None where that is off."""
        from service.triage.build import build_labeller

        if self.chat is None or not self.settings.llm.classify:
            return None
        taxonomy = self.triager.taxonomy
        labeller = Following[Labeller](
            self.prompts, lambda library: build_labeller(taxonomy, library)
        )
        return LiveLabeller(labeller)

    @cached_property
    def receiver(self) -> Receiver:
        """Where deliveries go."""
        return self._parts.receiver or self._webhook()

    @cached_property
    def notifier(self) -> Notifier:
        """Where the radar's notices go."""
        return self._parts.notifier or self._webhook()

    @cached_property
    def suite(self) -> Suite:
        """What compares a change with production."""
        from service.connectors.suite import ChildSuite

        gate = self.settings.gate
        return self._parts.suite or ChildSuite(
            timeout_s=gate.timeout_s,
            memory_mib=gate.memory_mib,
            cases=gate.cases,
            judged=gate.judged,
        )

    @cached_property
    def watcher(self) -> Watcher:
        """The radar engine."""
        from service.triage.build import build_radar

        return build_radar()

    def _webhook(self) -> WebhookReceiver:
        from service.connectors.webhook_out import WebhookReceiver

        return WebhookReceiver(
            secret=self.secrets.delivery,
            timeout_s=self.settings.delivery.timeout_s,
            allow_private=self.settings.delivery.allow_private,
            clock=self.clock,
        )

    async def close(self) -> None:
        """Release local models, the vector store and the database pool."""
        if isinstance(chat := self.__dict__.get("chat"), Closing):
            await chat.close()
        if "vectors" in self.__dict__:
            await asyncio.to_thread(self.vectors.close)
        await self.engine.dispose()

    async def _versions(self) -> Mapping[str, str]:
        async with self.uow() as uow:
            return await uow.versions.all()

    async def _build_engine(
        self,
        community: str | None,
        changed: Changed | None = None,
        embedder: Embedder | None = None,
    ) -> Triager:
        """Everything an engine of this community is made of comes together here."""
        from service.triage.build import build_triage

        wanted, in_force = changed or Changed(), self.in_use.taxonomy
        async with self.uow() as uow:
            examples = await uow.examples.chosen(community, wanted.examples)
            active = await uow.bank.active(community)
        terms = [one for one in active if draft_of(one) not in wanted.without]
        return await asyncio.to_thread(
            lambda: build_triage(
                embedder or self.embedder,
                self.heads_dir,
                taxonomy=wanted.taxonomy or in_force,
                bank_files=wanted.bank_files,
                threshold=wanted.threshold,
                learned=labelled(examples),
                terms=(*terms, *wanted.terms),
            )
        )
