"""Replies without a model: clauses quoted word for word between two courteous sentences."""

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

_NEAR_BEST = 0.9
"""A second clause of another document is quoted too if it scores this share of the first: over our
calibration questions the first then answers 46% of the time, one of both 69%."""

_ROOM = 0.75
"""Share of the longest reply that two quotations may take."""

_SURE = 0.9
"""Confidence that one of the five answers from which thanks and ideas, which need no rule, are
answered with the first."""

_SENTENCE_ENDS = "。！？；.!?;\n"


def template_reply(
    context: DraftContext, phrases: Phrases, *, degraded_because: str | None = None
) -> Composition:
    """Quote the clause that fits best, or the best two; where no rule is needed, just answer."""
    words = phrases.get(context.lang)
    phrase = words.phrase(context.category)
    chosen = _choose(context)
    if not chosen:
        return _composition(
            phrase.understood, phrase.no_rule or words.no_rule, degraded_because=degraded_because
        )
    return _composition(
        phrase.understood,
        *(_quote(passage, context.lang, words) for passage in chosen),
        phrase.next,
        citations=tuple(Citation(clause_id=p.clause_id, version=p.version) for p in chosen),
        degraded_because=degraded_because,
    )


def holding_reply(
    context: DraftContext, phrases: Phrases, refusal: RefusalKind, reason: str
) -> Composition:
    """A short text that asks for what is missing or says who will answer; always a refusal."""
    words = phrases.get(context.lang)
    hold = context.parameters.get("hold_phrase") or context.parameters["hold"] or _worded(refusal)
    phrase = words.phrase(hold or context.category)
    rest = phrase.next if hold else phrase.no_rule or words.no_rule
    return _composition(phrase.understood, rest, refusal=refusal, refusal_reason=reason)


def _worded(refusal: RefusalKind) -> str:
    """The table of `phrases.toml` for a refusal that no hold foresaw; "" for the category's own."""
    return "conflict" if refusal is RefusalKind.CONFLICTING_CLAUSES else ""


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


def _choose(context: DraftContext) -> tuple[ContextPassage, ...]:
    """The clauses to quote: none, the best, or the best two, the member's language first."""
    if not context.passages or not (_due(context) or context.retrieval_confidence >= _SURE):
        return ()
    best, *others = context.passages
    if not others or not _stands_beside(best, others[0], int(context.parameters["max_chars"])):
        return (best,)
    pair = (best, others[0])
    return tuple(sorted(pair, key=lambda passage: passage.lang != context.lang.value))


def _due(context: DraftContext) -> bool:
    return context.parameters["needs_rule"] == "yes"


def _stands_beside(best: ContextPassage, other: ContextPassage, max_chars: int) -> bool:
    near = other.score >= best.score * _NEAR_BEST
    fits = len(best.text) + len(other.text) <= _ROOM * max_chars
    return near and fits and other.document_id != best.document_id


def _quote(passage: ContextPassage, lang: Lang, words: LangPhrases) -> str:
    same_language = passage.lang == lang.value
    sentence = words.quote if same_language else words.quote_other_language
    title = passage.document_title.strip("《》 ")
    number = passage.number and (f"{passage.number} " if lang is Lang.ZH else f" {passage.number}")
    # Title and number are put in by replacement: a brace in a title must not be a format field.
    intro = sentence.replace("{number}", number).replace("{title}", title)
    return f"{intro}\n“{excerpt(passage.text.strip(), words.excerpt)}”"


def excerpt(text: str, mark: str) -> str:
    """Whole sentences up to the limit, with a mark when something is left out."""
    if len(text) <= _QUOTE_LIMIT:
        return text
    cut = max(text.rfind(end, 0, _QUOTE_LIMIT) for end in _SENTENCE_ENDS)
    return text[: cut + 1 if cut > 0 else _QUOTE_LIMIT] + mark
