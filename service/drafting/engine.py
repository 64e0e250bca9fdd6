"""The drafter the flows use."""

from __future__ import annotations

from prompts.library import Library
from service.domain.base import Lang
from service.domain.draft import (
    Composition,
    DraftContext,
    DraftKind,
    Finding,
    NumberLink,
    TemplateRef,
    prompt_hash,
)
from service.domain.llm import ChatRequest
from service.drafting import context as contexts
from service.drafting.checks import Checked, run_checks
from service.drafting.compose import chat_request, compose, model_parameters
from service.drafting.numbers.links import number_links
from service.drafting.phrases import Phrases
from service.drafting.render import render, template_ref
from service.ports.engines import ContextInput, PostInput, Redactor
from service.ports.models import ChatModel, OnDelta

REPLY_TEMPLATE = "grounded"

_UNUSABLE = frozenset(
    {"obeyed_order", "member_echo", "prompt_echo", "personal_data", "wrong_language"}
)
"""Findings no reviewer should have to catch in a model's text."""


class DraftEngine:
    """Implements `service.ports.engines.Drafter` over a library of prompts and phrases."""

    def __init__(
        self,
        *,
        prompts: Library,
        phrases: Phrases,
        redactor: Redactor,
        budget: contexts.Budget | None = None,
    ) -> None:
        self._prompts, self._phrases, self._redactor = prompts, phrases, redactor
        self._budget = budget or contexts.Budget()

    def reply_context(self, given: ContextInput) -> DraftContext:
        """Freeze what a reply rests on."""
        template = self.template_for(
            DraftKind.REPLY, REPLY_TEMPLATE, given.judgement.lang,
            community=given.community.id, case=given.case.case.id,
        )  # fmt: skip
        return self._sealed(contexts.reply_context(given, template, self._budget))

    def post_context(self, given: PostInput) -> DraftContext:
        """Freeze what a post rests on.

        Raises:
            NotFound: there is no template for this kind of post.
        """
        template = self.template_for(
            DraftKind.POST, given.brief.kind, given.brief.lang,
            community=given.community.id, case=given.request_id,
        )  # fmt: skip
        return self._sealed(contexts.post_context(given, template, self._redactor, self._budget))

    async def compose(
        self, context: DraftContext, chat: ChatModel | None, *, on_delta: OnDelta | None = None
    ) -> Composition:
        """Write with the model; without one, or when it fails, the rule-grounded template.

        A text that repeats orders, the prompt, the message or personal data, or is in the wrong
        language, fails too; where there are several providers the next one is asked.
        """

        def unusable(composition: Composition) -> bool:
            return self._unusable(context, composition)

        composition = await compose(self._prompts, self._phrases, context, chat, on_delta, unusable)
        links = self.numbers(context, composition.text)
        return composition.model_copy(update={"numbers": links}) if links else composition

    def _unusable(self, context: DraftContext, composition: Composition) -> bool:
        found = {finding.check for finding in self.check(context, composition)}
        return not found.isdisjoint(_UNUSABLE)

    def check(self, context: DraftContext, composition: Composition) -> tuple[Finding, ...]:
        """Findings on a composed text; also used on a person's edit."""
        return run_checks(Checked.of(self._prompts, context, composition), self._redactor)

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
        parameters = {**context.parameters, **model_parameters(context.kind)}
        told = context.model_copy(update={"parameters": parameters})
        digest = prompt_hash(render(self._prompts, told))
        return told.model_copy(update={"prompt_hash": digest})
