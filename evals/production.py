"""The engines exactly as the product builds them, over the bundled sample community."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from evals.sample_rules import SAMPLE, SampleRules
from service.domain.base import Bilingual
from service.domain.community import Community
from service.settings import Settings

if TYPE_CHECKING:
    from retrieval.ports import Embedder
    from service.domain.llm import LLMCall
    from service.ports.engines import Drafter, Redactor, Triager
    from service.ports.models import ChatModel

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in Shanghai: inside office hours."""


class ProductionEngines:
    """Implements `evals.wiring.Engines`; models are loaded when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder."""
        from retrieval.build import build_embedder

        return build_embedder(self._settings.retrieval)

    @cached_property
    def triager(self) -> Triager:
        """The triage engine, its trained heads cached in the data folder."""
        from service.triage.build import build_triage

        return build_triage(self.embedder, self._settings.data_dir.expanduser() / "heads")

    @cached_property
    def redactor(self) -> Redactor:
        """The choke point for personal data."""
        from service.triage.build import build_redactor

        return build_redactor()

    @cached_property
    def drafter(self) -> Drafter:
        """The drafting engine."""
        from service.drafting.build import build_drafter, build_support

        return build_drafter(self.redactor, support=build_support(self.embedder))

    @cached_property
    def rules(self) -> SampleRules:
        """Search over the sample community's clauses."""
        return SampleRules(self.embedder, self._settings)

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
        if not self._settings.llm.configured:
            return None
        from service.bootstrap import SystemClock, TimeOrderedIds
        from service.llm.build import build_chat

        return build_chat(self._settings.llm, _ignore, SystemClock(), TimeOrderedIds())

    @property
    def settings(self) -> dict[str, str]:
        """What was configured, without secrets."""
        given, llm = self._settings, self._settings.llm
        return {
            "embedder": f"{given.embedder.kind} {given.embedder.model}",
            "retriever": given.retriever.model_dump_json(),
            "llm": f"{llm.model} (max {llm.max_tokens} tokens)" if llm.configured else "none",
        }

    def now(self) -> datetime:
        """A fixed moment, so that runs can be repeated."""
        return NOW


async def _ignore(call: LLMCall) -> None:
    """Evaluations keep their own record; the audit table belongs to the product."""
    del call
