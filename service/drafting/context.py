"""Freeze everything a draft will rest on; the same context always renders the same prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from retrieval.types import Passage, Retrieval
from service.domain.base import Lang
from service.domain.draft import (
    Background,
    ContextPassage,
    DraftContext,
    DraftKind,
    TemplateRef,
    ThreadTurn,
)
from service.domain.text import Redacted
from service.drafting.policy import category_of, hold_for, looks_injected, needs_rule
from service.drafting.standing import standing
from service.ports.engines import ContextInput

REPLY_CHARS = {Lang.ZH: 400, Lang.EN: 1000}
"""Longest reply asked for, characters."""


class Budget(NamedTuple):
    """How much of each part is seen, characters; about 3,000 tokens of Chinese in all.

    Background has no part of its own: it takes what the message and the clauses leave. A clause
    needs `passage_share` of the best one's score: of 98 golden questions this lost one answer and a
    third of the clauses shown.
    """

    passages: int = 5
    passage_share: float = 0.65
    passage_chars: int = 2400
    member_chars: int = 1600
    instruction_chars: int = 600
    tone_chars: int = 600
    background_chars: int = 1600


def reply_context(given: ContextInput, template: TemplateRef, budget: Budget) -> DraftContext:
    """The frozen input of a reply."""
    judgement, community = given.judgement, given.community
    lang, category, held = judgement.lang, category_of(judgement), hold_for(judgement)
    member_text = _shorten(judgement.redacted, budget.member_chars)
    passages = freeze_passages(given.retrieval, given.titles, budget)
    return DraftContext(
        id=given.context_id,
        community=community.id,
        kind=DraftKind.REPLY,
        case_id=given.case.case.id,
        post_request_id=None,
        case_size=given.case.case.size,
        lang=lang,
        category=category,
        member_text=member_text,
        passages=passages,
        rule_found=given.retrieval.found,
        retrieval_confidence=probability(given.retrieval.confidence),
        tone=community.tone.get(lang).strip()[: budget.tone_chars],
        instruction=given.instruction.strip()[: budget.instruction_chars],
        background=_background(given.background, _left(member_text, passages, budget)),
        parameters={
            "community_name": community.name.get(lang),
            "max_chars": str(REPLY_CHARS[lang]),
            "sentiment": judgement.sentiment.value,
            "hold": held.hold.value,
            "hold_phrase": held.phrase,
            "needs_rule": _flag(needs_rule(category)),
            "injected": _flag(looks_injected(judgement)),
            **standing(community, lang),
        },
        template=template,
        created_at=given.created_at,
    )


def freeze_passages(
    retrieval: Retrieval, titles: Mapping[str, str], budget: Budget
) -> tuple[ContextPassage, ...]:
    """The best whole clauses that fit, best first; none when no rule was found."""
    if not retrieval.found:
        return ()
    least = budget.passage_share * retrieval.passages[0].score
    near = tuple(one for one in retrieval.passages[: budget.passages] if one.score >= least)
    return tuple(_fit(near, titles, budget.passage_chars))


def _fit(
    passages: tuple[Passage, ...], titles: Mapping[str, str], left: int
) -> Iterator[ContextPassage]:
    for rank, passage in enumerate(passages):
        size = len(passage.clause.text)
        if rank and size > left:
            continue  # a later, shorter clause may still fit; a cut one could mislead
        left -= size
        yield _freeze(passage, titles)


def _freeze(passage: Passage, titles: Mapping[str, str]) -> ContextPassage:
    clause = passage.clause
    return ContextPassage(
        clause_id=clause.id,
        document_id=clause.document_id,
        document_title=titles.get(clause.document_id, clause.document_id),
        version=clause.version,
        number=clause.number,
        headings=clause.headings,
        text=clause.text,
        lang=clause.lang,
        score=passage.score,
    )


def _left(member: Redacted, passages: tuple[ContextPassage, ...], budget: Budget) -> int:
    """Characters that the message and the clauses leave to the background."""
    used = len(member.text) + sum(len(passage.text) for passage in passages)
    return min(budget.background_chars, budget.member_chars + budget.passage_chars - used)


def _background(given: Background, left: int) -> Background:
    """The newest whole turns that fit, then the approved reply if it still fits whole."""
    kept: list[ThreadTurn] = []
    for turn in reversed(given.thread):
        if len(turn.text.text) > left:
            break  # what came before a gap could be misread
        left -= len(turn.text.text)
        kept.insert(0, turn)
    one = given.approved
    if one and len(one.question.text) + len(one.text.text) > left:
        one = None
    return Background(thread=tuple(kept), approved=one)


def _shorten(redacted: Redacted, limit: int) -> Redacted:
    """Keep the beginning and the end: the request is mostly in one of them."""
    text = redacted.text
    if len(text) <= limit:
        return redacted
    head = limit * 2 // 3
    return Redacted(text=f"{text[:head]}\n[…]\n{text[head - limit :]}", spans=redacted.spans)


def probability(value: float) -> float:
    """A confidence as the domain keeps it."""
    return min(1.0, max(0.0, value))


def _flag(value: bool) -> str:
    return "yes" if value else "no"
