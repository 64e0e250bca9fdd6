"""The engines exactly as the product builds them, over the bundled sample community."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from evals.record import Record, recorded, settings_record
from evals.sample_rules import SAMPLE, SampleRules
from evals.state import State
from evals.tariff import Tariff, tariff_of
from service.domain.base import Bilingual
from service.domain.community import Community
from service.settings import LLMSettings, Settings

if TYPE_CHECKING:
    from retrieval.ports import Embedder
    from service.domain.llm import LLMCall
    from service.drafting.support.head import Head
    from service.ports.engines import Drafter, Redactor, ThemeFinder, Triager
    from service.ports.models import ChatModel

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in Shanghai: inside office hours."""


class ProductionEngines:
    """Implements `evals.wiring.Engines`; models are loaded when first asked for."""

    def __init__(
        self, settings: Settings, state: State | None = None, chat: ChatModel | None = None
    ) -> None:
        """Over the parts that are shipped, or a state in which some are others.

        Args:
            chat: in the place of the configured model.
        """
        self._given, self.state, self._chat = settings, state or State(), chat
        self._settings = _limited(settings, self.state)

    def with_state(self, state: State) -> ProductionEngines:
        """The same with other parts; whatever the change does not touch is shared."""
        other = ProductionEngines(self._given, state, self._chat)
        other.__dict__["embedder"] = self.embedder
        if _judging(state) == _judging(self.state):
            other.__dict__["triager"] = self.triager
        if _searching(state) == _searching(self.state):
            other.__dict__["rules"] = self.rules
        if "chat" in self.__dict__:
            other.__dict__["chat"] = self.chat
        return other

    def with_models(self, llm: LLMSettings) -> ProductionEngines:
        """The same with other chat models; all else is shared."""
        other = ProductionEngines(self._given.model_copy(update={"llm": llm}), self.state)
        for name in ("embedder", "triager", "rules", "redactor", "drafter"):
            other.__dict__[name] = getattr(self, name)
        return other

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder."""
        from retrieval.build import build_embedder

        return build_embedder(self._settings.retrieval)

    @cached_property
    def triager(self) -> Triager:
        """The triage engine, its trained heads cached in the data folder."""
        from service.triage.build import build_triage
        from service.triage.taxonomy import load_taxonomy

        return build_triage(
            self.embedder,
            self._settings.data_dir.expanduser() / "heads",
            taxonomy=load_taxonomy(self.state.taxonomy),
            bank_files=self.state.bank_files,
            terms=self.state.terms,
            threshold=self.state.thresholds.label_confidence,
        )

    @cached_property
    def themes(self) -> ThemeFinder:
        """The theme finder."""
        from service.triage.build import build_themes

        return build_themes(self.embedder)

    @cached_property
    def redactor(self) -> Redactor:
        """The choke point for personal data."""
        from service.triage.build import build_redactor

        return build_redactor()

    @cached_property
    def drafter(self) -> Drafter:
        """The drafting engine."""
        from service.drafting.build import build_drafter, build_support

        support = build_support(self.embedder, head=_head(self.state))
        return build_drafter(self.redactor, self.state.library, support)

    @cached_property
    def rules(self) -> SampleRules:
        """Search over the sample community's clauses."""
        return SampleRules(self.embedder, self._settings, self.state.rules)

    @cached_property
    def community(self) -> Community:
        """The sample community with its voice."""
        given = tomllib.loads((SAMPLE / "community.toml").read_text(encoding="utf-8"))
        return Community(
            id=given["id"],
            name=Bilingual(**given["name"]),
            tone=Bilingual(**given["tone"]),
            timezone=given["timezone"],
        )

    @cached_property
    def chat(self) -> ChatModel | None:
        """The configured chat model, or None: drafts are then rule-grounded templates."""
        if self._chat is not None or not self._settings.llm.configured:
            return self._chat
        from service.bootstrap import SystemClock, TimeOrderedIds
        from service.llm.build import build_chat

        return build_chat(self._settings.llm, _ignore, SystemClock(), TimeOrderedIds())

    @property
    def settings(self) -> dict[str, str]:
        """What was configured, without secrets."""
        return settings_record(self._settings)

    @property
    def tariff(self) -> Tariff:
        """As configured."""
        return tariff_of(self._settings.llm)

    def record(self) -> Record:
        """Versions of everything the engines are built from."""
        return recorded(self.state)

    def now(self) -> datetime:
        """A fixed moment, so that runs can be repeated."""
        return NOW


async def _ignore(call: LLMCall) -> None:
    """Evaluations keep their own record; the audit table belongs to the product."""
    del call


def _judging(state: State) -> tuple[object, ...]:
    return state.taxonomy, state.bank_files, state.terms, state.thresholds.label_confidence


def _searching(state: State) -> tuple[object, ...]:
    return state.rules, state.thresholds.rule_confidence


def _limited(settings: Settings, state: State) -> Settings:
    """The settings with the state's limit of the rule search."""
    limit = state.thresholds.rule_confidence
    if limit is None:
        return settings
    retriever = settings.retriever.model_copy(update={"min_confidence": limit})
    return settings.model_copy(update={"retriever": retriever})


def _head(state: State) -> Head | None:
    """The support head with the state's limits; None: as shipped."""
    from service.drafting.support.head import shipped

    given = {k: v for k, v in state.thresholds.given.items() if k in ("supported", "unsupported")}
    return shipped().model_copy(update=given) if given else None
