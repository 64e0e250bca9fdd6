"""Entries for the FAQ, suggested from answers people approved."""

from __future__ import annotations

from enum import StrEnum

from service.domain.base import Frozen, Instant, Lang
from service.domain.draft import Citation, ContextPassage, RefusalKind
from service.domain.text import Redacted
from service.errors import IllegalTransition

LONGEST_QUESTION = 180
"""Characters; a longer heading would no longer be read as one."""

LONGEST_ANSWER = 2000

LONGEST_REASON = 1000


class SuggestionStatus(StrEnum):
    """`postponed` comes back by itself; `rejected` and `retired` never do."""

    PROPOSED = "proposed"
    POSTPONED = "postponed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETIRED = "retired"


class SuggestionReason(StrEnum):
    """Why an entry is suggested."""

    ASKED_AGAIN = "asked_again"
    """At least two people asked the same and got an approved answer."""
    CORRECTED = "corrected"
    """No clause fitted and the reviewer wrote another answer than the draft."""


class Unfit(StrEnum):
    """Why approved answers make no entry."""

    HELD = "held"
    """Crisis, law, a person's own matter, or a message that says too little."""
    PRIVATE = "private"
    """The answer holds personal data, or every question is a story of somebody's own."""
    CASE_BOUND = "case_bound"
    """The answer speaks of one case: what was done, its amounts, its dates, its numbers."""
    ALONE = "alone"
    """One person asked, and the draft was good or a clause fitted."""


class Answered(Frozen):
    """A standing approval of a reply, with what it answered.

    `question` is redacted; `text` is what was approved, as a person may have edited it, and
    `composed` the draft before that: neither has passed the redactor.
    """

    case_id: str
    author: str
    task_id: str
    decision_id: str
    draft_id: str
    question: Redacted
    text: str
    composed: str
    category: str | None
    hold: str
    injected: bool
    rule_found: bool
    refusal: RefusalKind | None
    citations: tuple[Citation, ...]
    passages: tuple[ContextPassage, ...]
    """The clauses cited, as they read then."""
    decided_at: Instant


class KnowledgeSource(Frozen):
    """A case behind an entry, the decision on its answer, and the clauses that answer cited."""

    case_id: str
    task_id: str
    decision_id: str
    draft_id: str
    clauses: tuple[Citation, ...] = ()


class Proposal(Frozen):
    """What the engine makes of approved answers; `sources` begin with the one whose answer it is.

    `people` counts distinct authors.
    """

    lang: Lang
    question: str
    answer: str
    reason: SuggestionReason
    people: int
    sources: tuple[KnowledgeSource, ...]


class Suggestion(Proposal):
    """A suggested entry and what became of it.

    `number` is its place in the document of its language once accepted; it is never given twice.
    """

    id: str
    community: str
    status: SuggestionStatus
    case_ids: tuple[str, ...]
    """The sources' cases: a matter that shares one is the same matter."""
    question_hash: str
    """Of the question as suggested."""
    number: int | None = None
    decided_by: str | None = None
    note: str = ""
    """Why it was rejected or retired."""
    postponed_until: Instant | None = None
    created_at: Instant
    decided_at: Instant | None = None

    @property
    def clause_id(self) -> str | None:
        """Id of the clause it became; None while it is none."""
        return None if self.number is None else f"{slug_of(self.lang)}#Q{self.number}"

    @property
    def waiting(self) -> bool:
        """Whether it may still be decided and follows new approvals."""
        return self.status in (SuggestionStatus.PROPOSED, SuggestionStatus.POSTPONED)

    def decided(self, to: SuggestionStatus, by: str, at: Instant, note: str = "") -> Suggestion:
        """The suggestion after a person's decision.

        Raises:
            IllegalTransition: there is no such step from where it stands.
        """
        if to not in _STEPS[self.status]:
            raise IllegalTransition(
                f"This suggestion is {self.status.value} and cannot become {to.value}.",
                status=self.status.value,
            )
        done = {"status": to, "decided_by": by, "decided_at": at, "note": note}
        return self.model_copy(update=done | {"postponed_until": None})


_WAITING = frozenset(
    {SuggestionStatus.POSTPONED, SuggestionStatus.ACCEPTED, SuggestionStatus.REJECTED}
)
_STEPS: dict[SuggestionStatus, frozenset[SuggestionStatus]] = {
    SuggestionStatus.PROPOSED: _WAITING,
    SuggestionStatus.POSTPONED: _WAITING,
    SuggestionStatus.ACCEPTED: frozenset({SuggestionStatus.RETIRED}),
    SuggestionStatus.REJECTED: frozenset(),
    SuggestionStatus.RETIRED: frozenset(),
}


def slug_of(lang: Lang) -> str:
    """The document that entries of a language go to."""
    return f"faq-grown-{lang.value}"
