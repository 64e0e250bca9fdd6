"""Ask the model, or say why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from prompts.library import Library
from service.domain.base import Lang
from service.domain.draft import (
    Citation,
    Composition,
    DraftContext,
    DraftKind,
    Origin,
    RefusalKind,
)
from service.domain.llm import ChatReply, ChatRequest
from service.drafting.ask import ask
from service.drafting.conflict import conflict_told
from service.drafting.facts.prompt import without_marks
from service.drafting.fallback import holding_reply, template_reply
from service.drafting.kinds import PostKinds
from service.drafting.phrases import Phrases
from service.drafting.policy import Hold
from service.drafting.posts import template_post
from service.drafting.render import render
from service.drafting.schema import NAME, composition_schema, fixed_schema
from service.errors import Conflict
from service.ports.models import ChatModel, OnDelta

NO_MODEL = "no_model"
TEMPLATE_CHANGED = "template_changed"
GARBLED = "garbled"
FAILED_CHECKS = "failed_checks"
ORDERS = "orders"
"""The message gives orders to a machine; so none is shown it."""

CITATION_DROPPED = "citation_dropped"
"""A model's text stands, but it cited a clause it had not been shown."""

TEMPERATURE = 0.2

_MAX_TOKENS = {DraftKind.REPLY: 700, DraftKind.POST: 3000}
_AROUND = 500
"""Tokens of a post's answer beside its text: what is settled first, and citations."""

_TOKENS_A_CHARACTER = {Lang.ZH: 1.2, Lang.EN: 0.45}
"""Upper bounds over the vocabularies of common models; a text that needs more runs on."""

_REASONS: dict[tuple[RefusalKind, Lang], str] = {
    (RefusalKind.LEGAL_OR_CRISIS, Lang.ZH): "涉及人身安全、隐私或法律，须由真人回复。",
    (RefusalKind.LEGAL_OR_CRISIS, Lang.EN): "Safety, privacy or law: a person must answer.",
    (RefusalKind.NEEDS_HUMAN, Lang.ZH): "须由真人查看具体情况并作决定。",
    (RefusalKind.NEEDS_HUMAN, Lang.EN): "A person has to look at this case and decide.",
    (RefusalKind.INSUFFICIENT_INFORMATION, Lang.ZH): "说得太少，须先问清楚。",
    (RefusalKind.INSUFFICIENT_INFORMATION, Lang.EN): "Too little was said; we must ask first.",
    (RefusalKind.CONFLICTING_CLAUSES, Lang.ZH): "两条条款说法不一：",
    (RefusalKind.CONFLICTING_CLAUSES, Lang.EN): "Two clauses contradict each other:",
    (RefusalKind.NO_RULE, Lang.ZH): "没有找到适用的条款。",
    (RefusalKind.NO_RULE, Lang.EN): "No rule was found that answers this.",
}

_KINDS = {
    Hold.CRISIS: RefusalKind.LEGAL_OR_CRISIS,
    Hold.LEGAL: RefusalKind.LEGAL_OR_CRISIS,
    Hold.HUMAN: RefusalKind.NEEDS_HUMAN,
    Hold.UNCLEAR: RefusalKind.INSUFFICIENT_INFORMATION,
    Hold.CONFLICT: RefusalKind.CONFLICTING_CLAUSES,
}


class Wording(NamedTuple):
    """What texts without a model are made of."""

    phrases: Phrases
    kinds: PostKinds


async def compose(
    prompts: Library,
    words: Wording,
    context: DraftContext,
    chat: ChatModel | None,
    on_delta: OnDelta | None,
    unusable: Callable[[Composition], bool],
) -> Composition:
    """See `Drafter.compose`; `unusable` says which of a model's texts nobody should see."""
    if refused := _refused_beforehand(words.phrases, context):
        return refused
    if chat is None:
        return template(words, context, NO_MODEL)
    if context.parameters.get("injected") == "yes":
        return template(words, context, ORDERS)
    try:
        request = chat_request(prompts, context)
    except Conflict:
        return template(words, context, TEMPLATE_CHANGED)

    def read(reply: ChatReply) -> Composition:
        return _read(words, context, reply)

    def fault(composition: Composition) -> str | None:
        if composition.degraded_because == GARBLED:
            return GARBLED
        failed = composition.origin is Origin.MODEL and unusable(composition)
        return FAILED_CHECKS if failed else None

    answer = await ask(request, chat, on_delta, read=read, fault=fault)
    if isinstance(answer, Composition):
        return answer
    done = template(words, context, answer.because)
    return done.model_copy(update={"passed_over": answer.passed_over})


def chat_request(prompts: Library, context: DraftContext) -> ChatRequest:
    """The request a context stands for.

    Raises:
        Conflict: the text of its template is gone.
    """
    return ChatRequest(
        feature=f"draft.{context.kind.value}",
        community=context.community,
        messages=render(prompts, context),
        json_schema=composition_schema(context),
        schema_name=NAME,
        fixed_schema=fixed_schema(),
        max_tokens=int(context.parameters.get("max_tokens", _MAX_TOKENS[context.kind])),
        temperature=float(context.parameters.get("temperature", TEMPERATURE)),
    )


def model_parameters(context: DraftContext) -> dict[str, str]:
    """What the model is told beside the prompt, as a context keeps it."""
    return {"max_tokens": str(_longest(context)), "temperature": str(TEMPERATURE)}


def _longest(context: DraftContext) -> int:
    """Tokens that hold the longest text asked for, so that one which runs on ends early."""
    most = _MAX_TOKENS[context.kind]
    if context.kind is DraftKind.REPLY:
        return most
    text = int(context.parameters["max_chars"]) * _TOKENS_A_CHARACTER[context.lang]
    return min(most, _AROUND + round(text))


def _refused_beforehand(phrases: Phrases, context: DraftContext) -> Composition | None:
    if context.kind is DraftKind.POST:
        return None
    if hold := Hold(context.parameters["hold"]):
        kind = _KINDS[hold]
    elif context.parameters["needs_rule"] == "yes" and not context.passages:
        kind = RefusalKind.NO_RULE
    else:
        return None
    reason = " ".join(filter(None, (_REASONS[kind, context.lang], conflict_told(context))))
    return holding_reply(context, phrases, kind, reason)


def template(words: Wording, context: DraftContext, because: str | None) -> Composition:
    """The text without a model, for a reply or a post, and why it had to do."""
    if context.kind is DraftKind.POST:
        kind = words.kinds.find(context.parameters.get("post_kind", ""))
        return template_post(context, kind, words.phrases, degraded_because=because)
    return template_reply(context, words.phrases, degraded_because=because)


def _refused(
    words: Wording, context: DraftContext, reply: ChatReply, why: RefusalKind
) -> Composition:
    """A reply says who will look; a post still lays out what was given, for its editor."""
    if context.kind is DraftKind.REPLY:
        held = holding_reply(context, words.phrases, why, _reason(reply))
        return held.model_copy(update={"model": reply.model})
    laid_out = {"refusal": why, "refusal_reason": _reason(reply), "model": reply.model}
    return template(words, context, None).model_copy(update=laid_out)


def _read(words: Wording, context: DraftContext, reply: ChatReply) -> Composition:
    shown = (*(fact.id for fact in context.facts), *(one.clause_id for one in context.passages))
    written = without_marks(str(reply.data.get("text", "")), shown)
    text, refusal = written.strip(), _refusal(reply)
    if refusal and (not text or _held(context, refusal)):
        return _refused(words, context, reply, refusal)
    if not text:
        return template(words, context, GARBLED)
    citations, dropped = _citations(context, reply)
    return Composition(
        text=text,
        citations=citations,
        refusal=refusal,
        refusal_reason=_reason(reply) if refusal else "",
        origin=Origin.MODEL,
        model=reply.model,
        degraded_because=CITATION_DROPPED if dropped else None,
    )


def _held(context: DraftContext, refusal: RefusalKind) -> bool:
    """Whoever found no ground for a reply does not write one all the same; a question may stand."""
    asks = refusal is RefusalKind.INSUFFICIENT_INFORMATION
    return context.kind is DraftKind.REPLY and not asks


def _refusal(reply: ChatReply) -> RefusalKind | None:
    value = reply.data.get("refusal")
    return next((kind for kind in RefusalKind if kind.value == value), None)


def _reason(reply: ChatReply) -> str:
    return str(reply.data.get("refusal_reason", "")).strip()


def _citations(context: DraftContext, reply: ChatReply) -> tuple[tuple[Citation, ...], bool]:
    """The cited clauses the model was shown, once each, and whether others were dropped."""
    raw = reply.data.get("citations")
    cited = list(dict.fromkeys(map(str, raw))) if isinstance(raw, list) else []
    versions = {passage.clause_id: passage.version for passage in context.passages}
    kept = [Citation(clause_id=c, version=versions[c]) for c in cited if c in versions]
    return tuple(kept), len(kept) < len(cited)
