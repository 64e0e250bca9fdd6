"""A model reads the sentences the measure is unsure of; at most one call a draft.

It may deny: then the sentence counts as unsupported. It may confirm, but only with words that stand
in a source, and only what was uncertain: a claim with a wrong number never reaches it. Where it is
away, unsure or answers with something else, the sentence stays uncertain and a person looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prompts.library import Library
from prompts.template import PromptTemplate
from service.domain.draft import DraftContext
from service.domain.llm import ChatMessage, ChatReply, ChatRequest
from service.domain.support import Conflict, SentenceSupport, SupportKind, SupportLedger
from service.drafting.render import sources_text
from service.drafting.support.ground import letters
from service.errors import ProviderError
from service.ports.models import ChatModel

FEATURE = "judge.support"
NAME = "support"
MOST = 8
"""Sentences asked about; further ones stay uncertain."""

_LEAST_QUOTE = 4
"""Letters of a quotation that can prove anything."""


async def verified(
    prompts: Library, context: DraftContext, text: str, ledger: SupportLedger, chat: ChatModel
) -> SupportLedger:
    """The ledger with the model's word on its uncertain sentences."""
    asked = ledger.of_kind(SupportKind.UNCERTAIN)[:MOST]
    if not asked:
        return ledger
    case = context.case_id or context.post_request_id
    picked = prompts.pick(f"judge/support.{context.lang.value}", context.community, case)
    template = picked.template
    ground = sources_text(context)
    try:
        reply = await chat.complete(_request(template, context, text, asked, ground))
    except ProviderError:
        return ledger
    verdicts = _verdicts(reply, len(asked), letters(ground))
    changed = {asked[n]: verdict for n, verdict in verdicts.items()}
    return SupportLedger(
        sentences=tuple(_ruled(one, changed.get(one)) for one in ledger.sentences),
        engine=" ".join((ledger.engine, reply.model, template.id, template.hash[:12])),
    )


def _request(
    template: PromptTemplate,
    context: DraftContext,
    text: str,
    asked: Sequence[SentenceSupport],
    ground: str,
) -> ChatRequest:
    numbered = (f"{n}. {text[one.start : one.end]}" for n, one in enumerate(asked, start=1))
    messages = template.render(sources=ground, sentences="\n".join(numbered))
    return ChatRequest(
        feature=FEATURE,
        community=context.community,
        messages=tuple(ChatMessage(role=m.role, content=m.content) for m in messages),
        json_schema=support_schema(len(asked)),
        schema_name=NAME,
        max_tokens=120 * len(asked),
        temperature=0.0,
    )


def support_schema(count: int) -> dict[str, object]:
    """One verdict for each of `count` sentences, from a closed set."""
    verdict = {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "enum": list(range(1, count + 1))},
            "quote": {"type": "string"},
            "verdict": {"type": "string", "enum": ["supported", "unsupported", "unsure"]},
        },
        "required": ["number", "quote", "verdict"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"verdicts": {"type": "array", "items": verdict, "maxItems": count}},
        "required": ["verdicts"],
        "additionalProperties": False,
    }


def _verdicts(reply: ChatReply, count: int, ground: str) -> dict[int, SupportKind]:
    """Usable verdicts by place; a denial outranks a confirmation of the same sentence."""
    found: dict[int, SupportKind] = {}
    for number, verdict in _read(reply.data.get("verdicts"), ground):
        if 0 < number <= count and found.get(number - 1) is not SupportKind.UNSUPPORTED:
            found[number - 1] = verdict
    return found


def _read(given: object, ground: str) -> Iterator[tuple[int, SupportKind]]:
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, Mapping) or not isinstance(one.get("number"), int):
            continue
        quote, verdict = letters(str(one.get("quote", ""))), one.get("verdict")
        if verdict == "unsupported":
            yield one["number"], SupportKind.UNSUPPORTED
        elif verdict == "supported" and len(quote) >= _LEAST_QUOTE and quote in ground:
            yield one["number"], SupportKind.SUPPORTED


def _ruled(one: SentenceSupport, verdict: SupportKind | None) -> SentenceSupport:
    if verdict is None:
        return one
    denied = verdict is SupportKind.UNSUPPORTED
    conflict = Conflict.MODEL if denied else Conflict.NONE
    return one.model_copy(update={"kind": verdict, "conflict": conflict})
