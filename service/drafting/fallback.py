"""Replies without a model: a clause quoted word for word between two courteous sentences."""

from __future__ import annotations

from service.domain.base import Lang
from service.domain.draft import (
    Citation,
    Composition,
    ContextPassage,
    DraftContext,
    Origin,
    RefusalKind,
)
from service.drafting.phrases import LangPhrases, Phrases

_QUOTE_LIMIT = 600
"""Longest quotation, characters."""

_NEAR_BEST = 0.8
"""The second clause is preferred in the member's language if it scores this share of the first."""

_SENTENCE_ENDS = "。！？；.!?;\n"


def template_reply(
    context: DraftContext, phrases: Phrases, *, degraded_because: str | None = None
) -> Composition:
    """Quote the clause that fits best; where no rule is needed and none is there, just answer."""
    words = phrases.get(context.lang)
    phrase = words.phrase(context.category)
    passage = _choose(context)
    if passage is None:
        return _composition(
            phrase.understood, phrase.no_rule or words.no_rule, degraded_because=degraded_because
        )
    quote = _quote(passage, context.lang, words)
    cited = Citation(clause_id=passage.clause_id, version=passage.version)
    return _composition(
        phrase.understood,
        quote,
        phrase.next,
        citations=(cited,),
        degraded_because=degraded_because,
    )


def holding_reply(
    context: DraftContext, phrases: Phrases, refusal: RefusalKind, reason: str
) -> Composition:
    """A short text that says a person will answer; always a refusal."""
    words = phrases.get(context.lang)
    hold = context.parameters["hold"]
    phrase = words.phrase(hold or context.category)
    rest = phrase.next if hold else phrase.no_rule or words.no_rule
    return _composition(phrase.understood, rest, refusal=refusal, refusal_reason=reason)


def _composition(
    *paragraphs: str,
    citations: tuple[Citation, ...] = (),
    refusal: RefusalKind | None = None,
    refusal_reason: str = "",
    degraded_because: str | None = None,
) -> Composition:
    return Composition(
        text="\n\n".join(paragraphs),
        citations=citations,
        refusal=refusal,
        refusal_reason=refusal_reason,
        origin=Origin.TEMPLATE,
        model=None,
        degraded_because=degraded_because,
    )


def _choose(context: DraftContext) -> ContextPassage | None:
    if not context.passages:
        return None
    best = context.passages[0]
    for passage in context.passages[:2]:
        near = passage.score >= best.score * _NEAR_BEST
        if near and passage.lang == context.lang.value:
            return passage
    return best


def _quote(passage: ContextPassage, lang: Lang, words: LangPhrases) -> str:
    same_language = passage.lang == lang.value
    sentence = words.quote if same_language else words.quote_other_language
    title = passage.document_title.strip("《》 ")
    number = passage.number and (f"{passage.number} " if lang is Lang.ZH else f" {passage.number}")
    # Title and number are put in by replacement: a brace in a title must not be a format field.
    intro = sentence.replace("{number}", number).replace("{title}", title)
    return f"{intro}\n“{_excerpt(passage.text.strip(), words.excerpt)}”"


def _excerpt(text: str, mark: str) -> str:
    """Whole sentences up to the limit, with a mark when something is left out."""
    if len(text) <= _QUOTE_LIMIT:
        return text
    cut = max(text.rfind(end, 0, _QUOTE_LIMIT) for end in _SENTENCE_ENDS)
    return text[: cut + 1 if cut > 0 else _QUOTE_LIMIT] + mark
