"""An answer that was approved once serves the same question again, made fit for who asks now."""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.domain.draft import ApprovedAnswer, Composition, DraftContext, Origin
from service.drafting.own import MENTION, TOKEN, case_bound, days_beside, uncalled
from service.drafting.policy import Hold
from service.drafting.support.quantities import BARE, Quantity, quantities, unmatched

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_LONG = 5
"""Digits from which a number names an order or a ticket, and tells nothing of the question."""

_THEN = re.compile(
    r"今天|昨天|前天|明天|刚刚|刚才|[上这本下]个?(?:周|星期|月|季度)|[去今明前]年"
    r"|\b(?:today|yesterday|tomorrow|just now|(?:last|this|next) (?:week|month|quarter|year))\b"
)
"""Times told by their distance."""


def reused(context: DraftContext, answer: ApprovedAnswer) -> Composition | None:
    """The answer for who asks now, or None where it may not be true for him.

    A greeting loses the other member's name. None: the case is kept for a person; the two
    questions differ in a number, day or time; a clause fits now and the answer cites none; or the
    text holds something of the other case's own.
    """
    if Hold(context.parameters["hold"]) or not _same_given(context, answer):
        return None
    if context.parameters["needs_rule"] == "yes" and context.passages and not answer.citations:
        return None  # it was written before there was a clause, or in spite of one
    text = uncalled(answer.text)
    if text is None or _of_another(text, context, answer):
        return None
    return Composition(
        text=text,
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


def _same_given(context: DraftContext, answer: ApprovedAnswer) -> bool:
    """Whether both questions give the same numbers, days and times: an answer may turn on any."""
    now, then = context.member_text.text, answer.question
    if set(_THEN.findall(now.lower())) != set(_THEN.findall(then.lower())):
        return False
    own, theirs = _given(now), _given(then)
    return not unmatched(own, theirs) and not unmatched(theirs, own)


def _given(question: str) -> list[Quantity]:
    read = quantities(TOKEN.sub(" ", question))
    return [one for one in read if one.dimension != BARE or one.raw < 10 ** (_LONG - 1)]


def _of_another(text: str, context: DraftContext, answer: ApprovedAnswer) -> bool:
    """Whether a text holds what is the other member's own, or was true of that day alone."""
    if TOKEN.search(text) or MENTION.search(text) or case_bound(text):
        return True
    ground = "\n".join(one.text for one in answer.passages)
    return days_beside(text, ground) or bool(_theirs(context, answer, ground) & _numbers([text]))


def _theirs(context: DraftContext, answer: ApprovedAnswer, ground: str) -> set[str]:
    return _numbers([answer.question]) - _numbers([context.member_text.text, ground])


def _numbers(texts: Iterable[str]) -> set[str]:
    return {number for text in texts for number in _NUMBER.findall(text)}
