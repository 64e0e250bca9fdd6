"""An answer that was approved once serves the same question again."""

from __future__ import annotations

import re

from service.domain.draft import ApprovedAnswer, Composition, DraftContext, Origin
from service.drafting.policy import Hold

_TOKEN = re.compile(r"\[[A-Z][A-Z_]*_\d+\]")
"""What stands for personal data in a redacted text."""

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")


def reused(context: DraftContext, answer: ApprovedAnswer) -> Composition | None:
    """The composition, or None: the case is kept for a person, or the answer holds something of
    the other member's own, such as a token for personal data or a number of his message."""
    if Hold(context.parameters["hold"]) or _TOKEN.search(answer.text):
        return None
    theirs = set(_NUMBER.findall(answer.question)) - set(_NUMBER.findall(context.member_text.text))
    ground = {n for one in answer.passages for n in _NUMBER.findall(one.text)}
    if (theirs - ground) & set(_NUMBER.findall(answer.text)):
        return None
    return Composition(
        text=answer.text,
        citations=answer.citations,
        refusal=None,
        refusal_reason="",
        origin=Origin.REUSED,
        model=answer.model,
        reused_from=answer.task_id,
    )


def with_clauses(context: DraftContext, answer: ApprovedAnswer) -> DraftContext:
    """The context with the clauses the answer cites among its passages."""
    known = {passage.clause_id for passage in context.passages}
    more = tuple(one for one in answer.passages if one.clause_id not in known)
    return context.model_copy(update={"passages": (*context.passages, *more)}) if more else context
