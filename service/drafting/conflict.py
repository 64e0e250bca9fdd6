"""Where two of the clauses found contradict each other, only a person can say which one holds."""

from __future__ import annotations

from service.domain.draft import ContextPassage, DraftContext
from service.drafting.policy import Hold
from service.drafting.support.scorer import SupportScorer

_ABREAST = 0.8
"""Share of the best clause's score from which a clause is about what was asked."""

_KEY = "conflict"


def with_conflict(context: DraftContext, support: SupportScorer) -> DraftContext:
    """The context, held for a person where a rule is needed and its best clauses disagree."""
    given = context.parameters
    if given["hold"] or given["needs_rule"] != "yes" or not context.passages:
        return context
    least = _ABREAST * context.passages[0].score
    near = [passage for passage in context.passages if passage.score >= least]
    found = support.contradiction(near)
    if found is None:
        return context
    held = {"hold": Hold.CONFLICT.value, "hold_phrase": Hold.CONFLICT.value}
    named = _KEY, "\n".join(map(_told, (near[found.one], near[found.other]), found.sentences))
    return context.model_copy(update={"parameters": {**given, **held, named[0]: named[1]}})


def conflict_of(context: DraftContext) -> str:
    """The two clauses that disagree, by title, number and sentence, a line each; "" if none do."""
    return context.parameters.get(_KEY, "")


def _told(passage: ContextPassage, sentence: str) -> str:
    return f"{passage.document_title} {passage.number}: {sentence}".replace("\n", " ")
