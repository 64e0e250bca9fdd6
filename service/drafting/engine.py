"""The drafter the flows use."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from prompts.library import Library
from service.domain.base import Lang
from service.domain.draft import (
    ApprovedAnswer,
    Composition,
    DraftContext,
    DraftKind,
    Finding,
    NumberLink,
    Origin,
    Severity,
    TemplateRef,
    prompt_hash,
)
from service.domain.llm import ChatRequest
from service.domain.post import PostBrief
from service.domain.post_inputs import accept
from service.domain.prompt import REPLY_TEMPLATE
from service.domain.support import SupportLedger
from service.drafting import context as contexts
from service.drafting.checks import Checked, check_kind, run_checks
from service.drafting.compose import Wording, chat_request, compose, model_parameters
from service.drafting.conflict import with_conflict
from service.drafting.feeds import read_feeds
from service.drafting.kinds import PostKinds
from service.drafting.numbers.links import number_links
from service.drafting.phrases import Phrases
from service.drafting.post_context import post_context
from service.drafting.render import render, template_ref
from service.drafting.reuse import reused, with_clauses
from service.drafting.standing import with_disclosure
from service.drafting.support.scorer import SupportScorer
from service.drafting.verify import verified
from service.ports.engines import ContextInput, PostInput, Redactor
from service.ports.models import ChatModel, OnDelta

_UNUSABLE = frozenset(
    {"obeyed_order", "member_echo", "prompt_echo", "ai_self", "personal_data", "wrong_language"}
)
"""Findings no reviewer should have to catch in a model's text."""


class DraftEngine:
    """Implements `service.ports.engines.Drafter` over a library of prompts and phrases."""

    def __init__(
        self,
        *,
        prompts: Library,
        phrases: Phrases,
        kinds: PostKinds,
        redactor: Redactor,
        support: SupportScorer,
        budget: contexts.Budget | None = None,
    ) -> None:
        self._prompts, self._redactor = prompts, redactor
        self._words = Wording(phrases, kinds)
        self._support = support
        self._budget = budget or contexts.Budget()

    @property
    def post_kinds(self) -> PostKinds:
        """The kinds of posts there are."""
        return self._words.kinds

    def accept(self, brief: PostBrief, zone: ZoneInfo) -> PostBrief:
        """See `service.ports.engines.Drafter`."""
        kind = self.post_kinds.get(brief.kind)
        return accept(kind, read_feeds(kind, brief, zone), zone)

    def reply_context(self, given: ContextInput) -> DraftContext:
        """Freeze what a reply rests on."""
        template = given.template or self.template_for(
            DraftKind.REPLY, REPLY_TEMPLATE, given.judgement.lang,
            community=given.community.id, case=given.case.case.id,
        )  # fmt: skip
        context = contexts.reply_context(given, template, self._budget)
        return self._sealed(with_conflict(context, self._support))

    def post_context(self, given: PostInput) -> DraftContext:
        """Freeze what a post rests on.

        Raises:
            NotFound: there is no such kind of post.
        """
        kind = self.post_kinds.get(given.brief.kind)
        template = self.template_for(
            DraftKind.POST, kind.id, given.brief.lang,
            community=given.community.id, case=given.request_id,
        )  # fmt: skip
        return self._sealed(post_context(given, kind, template, self._redactor, self._budget))

    async def compose(
        self, context: DraftContext, chat: ChatModel | None, *, on_delta: OnDelta | None = None
    ) -> Composition:
        """Write with the model; without one, or when it fails, the rule-grounded template.

        A text that repeats orders, the prompt, the message or personal data, or is in the wrong
        language, fails too; where there are several providers the next one is asked. What the
        community says of drafts is put at the end.
        """

        def unusable(composition: Composition) -> bool:
            return self._unusable(context, composition)

        writing = compose(self._prompts, self._words, context, chat, on_delta, unusable)
        composition, _ = await asyncio.gather(writing, self._prepared(context, chat))
        composition = with_disclosure(context, composition)
        links = self.numbers(context, composition.text)
        return composition.model_copy(update={"numbers": links}) if links else composition

    def reuse(
        self, context: DraftContext, answer: ApprovedAnswer
    ) -> tuple[DraftContext, Composition] | None:
        """See `service.ports.engines.Drafter`."""
        composition = reused(context, answer)
        if composition is None:
            return None
        composition = with_disclosure(context, composition)
        grounded = self._sealed(with_clauses(context, answer))
        found = self.check(grounded, composition)
        blocking = any(one.severity is Severity.BLOCKING for one in found)
        return None if blocking else (grounded, composition)

    async def _prepared(self, context: DraftContext, chat: ChatModel | None) -> None:
        """What checking needs, made in the time a model takes to write."""
        if chat is not None:
            await asyncio.to_thread(self._support.prepare, context)

    def _unusable(self, context: DraftContext, composition: Composition) -> bool:
        found = {finding.check for finding in self.check(context, composition)}
        return not found.isdisjoint(_UNUSABLE)

    async def support(
        self, context: DraftContext, composition: Composition, chat: ChatModel | None
    ) -> SupportLedger:
        """See `Drafter.support`."""
        strict = composition.origin is Origin.MODEL
        ledger = await asyncio.to_thread(
            self._support.ledger, context, composition.text, strict=strict
        )
        if chat is None:
            return ledger
        return await verified(self._prompts, context, composition.text, ledger, chat)

    def check(
        self,
        context: DraftContext,
        composition: Composition,
        support: SupportLedger | None = None,
    ) -> tuple[Finding, ...]:
        """See `Drafter.check`."""
        given = Checked.of(self._prompts, context, composition, support)
        kind = self.post_kinds.find(context.parameters.get("post_kind", ""))
        return (*run_checks(given, self._redactor), *check_kind(given, kind))

    def numbers(self, context: DraftContext, text: str) -> tuple[NumberLink, ...]:
        """Which numbers of a text are which facts of its context."""
        return number_links(text, context.facts)

    def template_for(
        self, kind: str, name: str, lang: Lang,
        *, community: str | None = None, case: str | None = None,
    ) -> TemplateRef:  # fmt: skip
        """The template that would be used.

        Raises:
            NotFound: there is none for this kind and name.
        """
        return template_ref(self._prompts, f"{kind}/{name}.{lang.value}", community, case)

    def prompt(self, context: DraftContext) -> ChatRequest:
        """What a stored context asks of a model, byte for byte as it was asked then.

        Raises:
            Conflict: the text it was frozen with is gone.
        """
        return chat_request(self._prompts, context)

    async def ready(self) -> None:
        """Nothing to do: the library it was given does not change."""

    def _sealed(self, context: DraftContext) -> DraftContext:
        """With the model's parameters and the hash of the prompt, for replays."""
        parameters = {**context.parameters, **model_parameters(context)}
        told = context.model_copy(update={"parameters": parameters})
        digest = prompt_hash(render(self._prompts, told))
        return told.model_copy(update={"prompt_hash": digest})
