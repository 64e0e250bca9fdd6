"""Where two of the clauses found contradict each other, only a person can say which one holds."""

from __future__ import annotations

from service.domain.conflict import ClauseConflict, ConflictSide
from service.domain.draft import ContextPassage, DraftContext
from service.drafting.policy import Hold
from service.drafting.support.contradiction import Side
from service.drafting.support.scorer import SupportScorer

_ABREAST = 0.8
"""Share of the best clause's score from which a clause is about what was asked."""


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
    one, other = (_frozen(near[side.clause], side) for side in found.sides)
    held = {"hold": Hold.CONFLICT.value, "hold_phrase": Hold.CONFLICT.value}
    conflict = ClauseConflict(differs=found.differs, sides=(one, other))
    return context.model_copy(update={"parameters": {**given, **held}, "conflict": conflict})


def conflict_told(context: DraftContext) -> str:
    """The two clauses that disagree, by title, number and sentence, a line each; "" if none do."""
    sides = context.conflict.sides if context.conflict else ()
    found = ((context.passage(side.clause_id), side) for side in sides)
    return "\n".join(_told(passage, side) for passage, side in found if passage)


def _frozen(passage: ContextPassage, side: Side) -> ConflictSide:
    return ConflictSide(
        clause_id=passage.clause_id,
        version=passage.version,
        sentence=side.sentence,
        marks=side.marks,
    )


def _told(passage: ContextPassage, side: ConflictSide) -> str:
    said = side.sentence.of(passage.text)
    return f"{passage.document_title} {passage.number}: {said}".replace("\n", " ")
