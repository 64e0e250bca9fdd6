"""The flows on their adapters; each is built on first use."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from service.bootstrap.watching import WatchFlows
from service.domain.taxonomy import Taxonomy
from service.drafting.approval import default_policy
from service.drafting.platforms import platforms
from service.flows.accounts import AccountsFlow
from service.flows.advice import AdviceFlow
from service.flows.approvals import ApprovalsFlow
from service.flows.background import BackgroundSource
from service.flows.bank import BankFlow
from service.flows.calendar import CalendarFlow
from service.flows.cascade import CascadeFlow
from service.flows.changes import ChangesFlow
from service.flows.compare import CompareFlow
from service.flows.content import ContentFlow
from service.flows.deadlines import DeadlinesFlow
from service.flows.deliver import DeliverFlow
from service.flows.draft import DraftFlow
from service.flows.duplicates import DuplicatesFlow
from service.flows.events import EventsFlow
from service.flows.facts import FactsFlow
from service.flows.incidents import IncidentsFlow
from service.flows.ingest import IngestFlow
from service.flows.judging import JudgingFlow
from service.flows.labelling import LabellingFlow
from service.flows.learn import LearnFlow
from service.flows.notify import NotifyFlow
from service.flows.overrides import OverridesFlow
from service.flows.prompt_desk import PromptDeskFlow
from service.flows.prompt_views import PromptViewsFlow
from service.flows.radar import RadarFlow
from service.flows.rehearse import RehearseFlow
from service.flows.reindex import ReindexFlow
from service.flows.replay import ReplayFlow
from service.flows.results import ResultsFlow
from service.flows.reveal import RevealFlow
from service.flows.review import ReviewFlow
from service.flows.routing import RoutingFlow
from service.flows.theme_desk import ThemeDeskFlow
from service.flows.theme_names import ThemeNamesFlow
from service.flows.themes import ThemesFlow
from service.flows.triage import TriageFlow


class Flows(WatchFlows):
    """Every use case."""

    @property
    def taxonomy(self) -> Taxonomy:
        """The categories in force."""
        return self.triager.taxonomy

    @cached_property
    def accounts(self) -> AccountsFlow:
        """People and API keys."""
        return AccountsFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def ingest(self) -> IngestFlow:
        """Messages come in."""
        return IngestFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def calendar(self) -> CalendarFlow:
        """When posts are due."""
        return CalendarFlow(
            uow=self.uow,
            queries=self.queries,
            drafter=self.drafter,
            platforms=platforms(),
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def changes(self) -> ChangesFlow:
        """Members edit, withdraw and leave."""
        return ChangesFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def triage(self) -> TriageFlow:
        """Cases are judged."""
        return TriageFlow(
            uow=self.uow,
            triager=self.triager,
            engines=self.engines,
            labeller=self.labeller,
            embedder=self.embedder,
            vectors=self.vectors,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def cascade(self) -> CascadeFlow | None:
        """What the heads leave open is asked of a model; None where that is off."""
        if self.labeller is None or self.chat is None:
            return None
        return CascadeFlow(
            uow=self.uow,
            labeller=self.labeller,
            chat=self.chat,
            per_day=self.settings.llm.classify_per_day,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def overrides(self) -> OverridesFlow:
        """People correct triages."""
        return OverridesFlow(
            uow=self.uow,
            taxonomy=self.taxonomy,
            redactor=self.redactor,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def duplicates(self) -> DuplicatesFlow:
        """Which cases are the same."""
        return DuplicatesFlow(
            uow=self.uow,
            triager=self.triager,
            embedder=self.embedder,
            vectors=self.vectors,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def labelling(self) -> LabellingFlow:
        """People judge texts by rubrics."""
        return LabellingFlow(
            uow=self.uow,
            redactor=self.redactor,
            taxonomy=self.taxonomy,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def judging(self) -> JudgingFlow:
        """A model judges what people judged."""
        return JudgingFlow(
            uow=self.uow,
            prompts=self.shipped_prompts,
            chat=self.chat,
            redactor=self.redactor,
            taxonomy=self.taxonomy,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def learn(self) -> LearnFlow:
        """Examples are curated."""
        return LearnFlow(
            uow=self.uow,
            taxonomy=self.taxonomy,
            comparer=self.comparer,
            redactor=self.redactor,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def approvals(self) -> ApprovalsFlow:
        """Who must agree before a text leaves."""
        return ApprovalsFlow(
            uow=self.uow,
            shipped=default_policy(),
            taxonomy=self.taxonomy,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def bank(self) -> BankFlow:
        """Managed terms of the phrase bank."""
        return BankFlow(
            uow=self.uow,
            taxonomy=self.taxonomy,
            gate=self.gate,
            redactor=self.redactor,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def prompt_desk(self) -> PromptDeskFlow:
        """What people do with prompts."""
        return PromptDeskFlow(
            uow=self.uow,
            shipped=self.shipped_prompts,
            shelf=self.prompts,
            gate=self.gate,
            redactor=self.redactor,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def prompt_views(self) -> PromptViewsFlow:
        """What holds for each prompt."""
        return PromptViewsFlow(uow=self.uow, shipped=self.shipped_prompts, shelf=self.prompts)

    @cached_property
    def reveal(self) -> RevealFlow:
        """Looks behind the tokens of a message."""
        return RevealFlow(uow=self.uow, redactor=self.redactor, clock=self.clock, ids=self.ids)

    @cached_property
    def routing(self) -> RoutingFlow:
        """Rules say who owns a case."""
        return RoutingFlow(uow=self.uow, taxonomy=self.taxonomy, clock=self.clock, ids=self.ids)

    @cached_property
    def rehearse(self) -> RehearseFlow:
        """What a change would do to stored cases."""
        return RehearseFlow(
            uow=self.uow,
            taxonomy=self.taxonomy,
            candidates=self.candidates,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def deadlines(self) -> DeadlinesFlow:
        """What is late is recorded."""
        return DeadlinesFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def background(self) -> BackgroundSource:
        """What stands around a request."""
        return BackgroundSource(
            uow=self.uow,
            embedder=self.embedder,
            vectors=self.vectors,
            redactor=self.redactor,
        )

    @cached_property
    def draft(self) -> DraftFlow:
        """Replies are drafted."""
        return DraftFlow(
            uow=self.uow,
            rules=self.search,
            background=self.background,
            drafter=self.drafter,
            redactor=self.redactor,
            chat=self.chat,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def compare(self) -> CompareFlow:
        """Two drafts side by side."""
        return CompareFlow(uow=self.uow, drafter=self.drafter, clock=self.clock, ids=self.ids)

    @cached_property
    def replay(self) -> ReplayFlow:
        """Prompts of stored drafts."""
        return ReplayFlow(uow=self.uow, drafter=self.drafter)

    @cached_property
    def review(self) -> ReviewFlow:
        """People decide."""
        return ReviewFlow(
            uow=self.uow,
            drafter=self.drafter,
            policy=default_policy(),
            clock=self.clock,
            ids=self.ids,
            undo=timedelta(seconds=self.settings.delivery.undo_s),
        )

    @cached_property
    def deliver(self) -> DeliverFlow:
        """What was decided leaves."""
        return DeliverFlow(uow=self.uow, receiver=self.receiver, clock=self.clock, ids=self.ids)

    @cached_property
    def events(self) -> EventsFlow:
        """Events are written down."""
        return EventsFlow(uow=self.uow, redactor=self.redactor, clock=self.clock, ids=self.ids)

    @cached_property
    def facts(self) -> FactsFlow:
        """Numbers for texts."""
        from service.drafting.build import build_words

        return FactsFlow(
            uow=self.uow,
            insights=self.insights,
            queries=self.queries,
            figures=self.figures,
            redactor=self.redactor,
            taxonomy=self.taxonomy,
            words=build_words(),
            floor=self.settings.themes.min_authors,
            clock=self.clock,
        )

    @cached_property
    def results(self) -> ResultsFlow:
        """What became of posts."""
        return ResultsFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def advice(self) -> AdviceFlow:
        """What the data suggests for new posts."""
        return AdviceFlow(
            queries=self.queries,
            figures=self.figures,
            floor=self.settings.themes.min_authors,
            clock=self.clock,
        )

    @cached_property
    def content(self) -> ContentFlow:
        """Posts are drafted."""
        return ContentFlow(
            uow=self.uow,
            facts=self.facts,
            rules=self.search,
            drafter=self.drafter,
            redactor=self.redactor,
            chat=self.chat,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def themes(self) -> ThemesFlow:
        """What many cases are about."""
        return ThemesFlow(
            uow=self.uow,
            finder=self.theme_finder,
            embedder=self.embedder,
            clock=self.clock,
            ids=self.ids,
            window=timedelta(days=self.settings.themes.window_days),
            every=timedelta(hours=self.settings.themes.every_hours),
        )

    @cached_property
    def theme_names(self) -> ThemeNamesFlow:
        """Themes get names a model wrote."""
        return ThemeNamesFlow(
            uow=self.uow,
            teller=self.theme_teller,
            chat=self.chat,
            clock=self.clock,
            min_authors=self.settings.themes.min_authors,
            most=self.settings.themes.told,
        )

    @cached_property
    def theme_desk(self) -> ThemeDeskFlow:
        """What people do with themes."""
        return ThemeDeskFlow(uow=self.uow, redactor=self.redactor, clock=self.clock, ids=self.ids)

    @cached_property
    def radar(self) -> RadarFlow:
        """What stands out."""
        return RadarFlow(uow=self.uow, watcher=self.watcher, clock=self.clock, ids=self.ids)

    @cached_property
    def incidents(self) -> IncidentsFlow:
        """What people do about it."""
        return IncidentsFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def notify(self) -> NotifyFlow:
        """Who is told of it."""
        return NotifyFlow(uow=self.uow, notifier=self.notifier, clock=self.clock, ids=self.ids)

    @cached_property
    def reindex(self) -> ReindexFlow:
        """Derived data made anew."""
        return ReindexFlow(uow=self.uow, embedder=self.embedder, vectors=self.vectors)
