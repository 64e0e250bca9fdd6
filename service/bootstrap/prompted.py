"""Engines that ask with prompts, always over those in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from service.bootstrap.prompts import Following
from service.domain.base import Lang
from service.domain.community import Community
from service.domain.draft import (
    ApprovedAnswer,
    Composition,
    DraftContext,
    Finding,
    NumberLink,
    TemplateRef,
)
from service.domain.llm import ChatReply, ChatRequest
from service.domain.post import PostBrief
from service.domain.support import SupportLedger
from service.domain.theme import Theme
from service.domain.triage import Judgement
from service.ports.engines import (
    ContextInput,
    Drafter,
    Labeller,
    PostInput,
    PostKindSet,
    ThemeTeller,
    ThemeWords,
)
from service.ports.models import ChatModel, OnDelta


class LiveDrafter:
    """See `service.ports.engines.Drafter`."""

    def __init__(self, drafter: Following[Drafter]) -> None:
        self._drafter = drafter

    async def ready(self) -> None:
        """See `Drafter.ready`."""
        await self._drafter.refreshed()

    @property
    def post_kinds(self) -> PostKindSet:
        """See `Drafter.post_kinds`."""
        return self._drafter.now().post_kinds

    def accept(self, brief: PostBrief, zone: ZoneInfo) -> PostBrief:
        """See `Drafter.accept`."""
        return self._drafter.now().accept(brief, zone)

    def reply_context(self, given: ContextInput) -> DraftContext:
        """See `Drafter.reply_context`."""
        return self._drafter.now().reply_context(given)

    def post_context(self, given: PostInput) -> DraftContext:
        """See `Drafter.post_context`."""
        return self._drafter.now().post_context(given)

    async def compose(
        self, context: DraftContext, chat: ChatModel | None, *, on_delta: OnDelta | None = None
    ) -> Composition:
        """See `Drafter.compose`."""
        return await self._drafter.now().compose(context, chat, on_delta=on_delta)

    def reuse(
        self, context: DraftContext, answer: ApprovedAnswer
    ) -> tuple[DraftContext, Composition] | None:
        """See `Drafter.reuse`."""
        return self._drafter.now().reuse(context, answer)

    async def support(
        self, context: DraftContext, composition: Composition, chat: ChatModel | None
    ) -> SupportLedger:
        """See `Drafter.support`."""
        return await self._drafter.now().support(context, composition, chat)

    def check(
        self, context: DraftContext, composition: Composition, support: SupportLedger | None = None
    ) -> tuple[Finding, ...]:
        """See `Drafter.check`."""
        return self._drafter.now().check(context, composition, support)

    def numbers(self, context: DraftContext, text: str) -> tuple[NumberLink, ...]:
        """See `Drafter.numbers`."""
        return self._drafter.now().numbers(context, text)

    def template_for(
        self, kind: str, name: str, lang: Lang,
        *, community: str | None = None, case: str | None = None,
    ) -> TemplateRef:  # fmt: skip
        """See `Drafter.template_for`."""
        drafter = self._drafter.now()
        return drafter.template_for(kind, name, lang, community=community, case=case)

    def prompt(self, context: DraftContext) -> ChatRequest:
        """See `Drafter.prompt`."""
        return self._drafter.now().prompt(context)


class LiveTeller:
    """See `service.ports.engines.ThemeTeller`."""

    def __init__(self, teller: Following[ThemeTeller]) -> None:
        self._teller = teller

    async def ready(self) -> None:
        """See `ThemeTeller.ready`."""
        await self._teller.refreshed()

    def ask(self, theme: Theme, samples: Sequence[str], lang: Lang) -> tuple[ChatRequest, str]:
        """See `ThemeTeller.ask`."""
        return self._teller.now().ask(theme, samples, lang)

    def read(self, reply: ChatReply) -> ThemeWords | None:
        """See `ThemeTeller.read`."""
        return self._teller.now().read(reply)


class LiveLabeller:
    """See `service.ports.engines.Labeller`."""

    def __init__(self, labeller: Following[Labeller]) -> None:
        self._labeller = labeller

    def due(self, judgement: Judgement) -> bool:
        """See `Labeller.due`."""
        return self._labeller.now().due(judgement)

    async def label(
        self, judgement: Judgement, *, community: Community, at: datetime, chat: ChatModel
    ) -> Judgement | None:
        """See `Labeller.label`."""
        labeller = await self._labeller.refreshed()
        return await labeller.label(judgement, community=community, at=at, chat=chat)
