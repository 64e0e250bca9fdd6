"""Which approved answers make an entry of the FAQ, and which belong to one case alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from service.domain.base import Lang
from service.domain.knowledge import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    Answered,
    KnowledgeSource,
    Proposal,
    SuggestionReason,
    Unfit,
)
from service.domain.support import SupportKind, SupportLedger
from service.domain.text import Redacted
from service.drafting.numbers.figure import Figure, Unit
from service.drafting.numbers.reading import read
from service.drafting.own import (
    MENTION,
    TOKEN,
    calls_by_name,
    case_bound,
    days_beside,
    names_days,
    phrases,
)
from service.drafting.policy import Hold
from service.drafting.support.phrases import plain
from service.ports.engines import Redactor

SUBSTANTIAL = 0.4
"""Least share of a draft's characters that a correction changes."""

ENOUGH_PEOPLE = 2

SHORTEST = 4
"""Characters of a question that can stand as a heading."""

OF_ONE = {Lang.ZH: 60, Lang.EN: 140}
"""Characters of a question only one person asked: a longer one tells a story."""

_OF_A_CASE = frozenset({Unit.MONEY, Unit.CLOCK, Unit.MONTH_NAME})
_LONG = 5
"""Digits from which a number is an order, a ticket, a code."""

_SHORTEST_REF = 3
"""Characters of an author's reference; shorter ones occur in any text."""


def propose(answers: Sequence[Answered], lang: Lang, redactor: Redactor) -> Proposal | Unfit:
    """An entry out of the approved answers to one matter, in one language, newest first.

    The answer is the newest that belongs to no single case; the question is that of its case, or
    the shortest that holds nothing of anybody's own.
    """
    if any(Hold(one.hold) for one in answers):
        return Unfit.HELD
    people = len({one.author for one in answers})
    reason = _reason(answers, people)
    if reason is None:
        return Unfit.ALONE
    faults = {one.case_id: _fault(one, answers, redactor) for one in answers}
    chosen = next((one for one in answers if faults[one.case_id] is None), None)
    if chosen is None:
        return faults[answers[0].case_id] or Unfit.CASE_BOUND
    question = _question(chosen, answers, lang, people)
    if question is None:
        return Unfit.PRIVATE
    rest = [one for one in answers if one is not chosen]
    return Proposal(
        lang=lang,
        question=question,
        answer=chosen.text.strip(),
        reason=reason,
        people=people,
        sources=tuple(_source(one) for one in (chosen, *rest)),
    )


def personal(text: Redacted) -> bool:
    """Whether a text holds personal data, what stands for it, or calls somebody."""
    return bool(text.spans or TOKEN.search(text.text) or MENTION.search(text.text))


def only_repeats(ledger: SupportLedger) -> bool:
    """Whether every sentence that claims something is in the clauses already."""
    fresh = (SupportKind.UNCERTAIN, SupportKind.UNSUPPORTED)
    return bool(ledger.sentences) and not any(ledger.of_kind(kind) for kind in fresh)


def changed_share(before: str, after: str) -> float:
    """Share of characters an edit changed, 0 to 1."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.normalized_distance(before.strip(), after.strip())


def _fault(one: Answered, matter: Sequence[Answered], redactor: Redactor) -> Unfit | None:
    """Why an answer cannot stand for others than those it was written for, if so."""
    text = one.text.strip()
    if personal(redactor.redact(text)) or calls_by_name(text) or _names(text, matter):
        return Unfit.PRIVATE
    if not text or len(text) > LONGEST_ANSWER or case_bound(text):
        return Unfit.CASE_BOUND
    asked = [other.question.text for other in matter]
    return Unfit.CASE_BOUND if _own_numbers(one, asked) else None


def _names(text: str, matter: Iterable[Answered]) -> bool:
    """Whether one of the authors is named by the reference we know him by."""
    known = {one.author for one in matter if len(one.author) >= _SHORTEST_REF}
    return any(author in text for author in known)


def _reason(answers: Sequence[Answered], people: int) -> SuggestionReason | None:
    if people >= ENOUGH_PEOPLE:
        return SuggestionReason.ASKED_AGAIN
    corrected = any(_corrected(one) for one in answers)
    return SuggestionReason.CORRECTED if corrected else None


def _corrected(one: Answered) -> bool:
    unfounded = not one.rule_found or one.refusal is not None
    return unfounded and changed_share(one.composed, one.text) >= SUBSTANTIAL


def _own_numbers(one: Answered, questions: Iterable[str]) -> bool:
    """Amounts, times of day, long numbers, and whatever a member named, that no cited clause
    holds; and any day that none names."""
    text, ground = one.text, "\n".join(clause.text for clause in one.passages)
    if days_beside(text, ground):
        return True
    known, theirs = read(ground), [figure for asked in questions for figure in read(asked)]
    loose = [figure for figure in read(text) if not _among(figure, known)]
    return any(_case_like(figure) or _among(figure, theirs) for figure in loose)


def _case_like(figure: Figure) -> bool:
    return figure.unit in _OF_A_CASE or len(re.sub(r"\D", "", figure.value)) >= _LONG


def _among(figure: Figure, others: Iterable[Figure]) -> bool:
    return any(figure.same(other) for other in others)


def _question(chosen: Answered, answers: Sequence[Answered], lang: Lang, people: int) -> str | None:
    most = LONGEST_QUESTION if people >= ENOUGH_PEOPLE else OF_ONE[lang]
    others = sorted((one for one in answers if one is not chosen), key=_length)
    for one in (chosen, *others):
        text = " ".join(one.question.text.split())
        if SHORTEST <= len(text) <= most and not one.injected and not _tells(one):
            return text
    return None


def _length(one: Answered) -> tuple[int, str]:
    return len(one.question.text), one.case_id


def _tells(one: Answered) -> bool:
    """Whether a question holds something of its author's own."""
    text = one.question.text
    if personal(one.question) or phrases("private").search(plain(text)) or names_days(text):
        return True
    return any(_case_like(figure) for figure in read(text))


def _source(one: Answered) -> KnowledgeSource:
    return KnowledgeSource(
        case_id=one.case_id,
        task_id=one.task_id,
        decision_id=one.decision_id,
        draft_id=one.draft_id,
        clauses=one.citations,
    )
