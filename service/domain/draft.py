"""Drafts and everything the model saw when it wrote them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from service.domain.base import Frozen, Instant, Lang, Probability
from service.domain.conflict import ClauseConflict
from service.domain.llm import ChatMessage, PassedOver
from service.domain.post import BriefValue
from service.domain.support import SupportLedger
from service.domain.text import Redacted


class DraftKind(StrEnum):
    """What a draft will become."""

    REPLY = "reply"
    POST = "post"


class ContextPassage(Frozen):
    """A clause as the model saw it, with the version it had."""

    clause_id: str
    document_id: str
    document_title: str
    version: int
    number: str
    headings: tuple[str, ...]
    text: str
    lang: str
    score: float


class HypothesisVerdict(StrEnum):
    """What the data say of a possible cause. `supported` means that they fit, not that they prove;
    `untested` that there are none."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNTESTED = "untested"


class Fact(Frozen):
    """A value computed by code from the database; `id` is how a text refers to it."""

    id: str
    label: str
    value: str
    """As a text may show it, in the language of the draft."""
    source: str
    """Where it was counted, such as a query's name and range."""
    link: str = ""
    """Relative address of the page with the items behind it; empty when there is none."""
    number: float | None = None
    """The value itself, for tables: a share is 0 to 1, a length of time in seconds. None for a
    text, and where too few people are behind it."""
    quote: str = ""
    """Redacted words of a member that it is about. Shown, but nothing a text may rest on."""
    verdict: HypothesisVerdict | None = None
    """Of a possible cause; None for anything else."""
    evidence: tuple[str, ...] = ()
    """Ids of the facts a verdict rests on."""

    @property
    def group(self) -> str:
        """The group it was asked for with."""
        return self.id.partition(".")[0]


class TemplateRef(Frozen):
    """Which prompt template was used."""

    id: str
    version: int
    hash: str


class ThreadTurn(Frozen):
    """An earlier request of the same thread, or of the same author; `own` tells whether the member
    answered now wrote it."""

    text: Redacted
    own: bool


class ApprovedExample(Frozen):
    """A similar question and the reply a person approved to it: a model of substance and tone,
    nothing a text may rest on."""

    task_id: str
    question: Redacted
    text: Redacted


class Background(Frozen):
    """What was said around a request, oldest first, and how a similar one was answered."""

    thread: tuple[ThreadTurn, ...] = ()
    approved: ApprovedExample | None = None


class DraftContext(Frozen):
    """The frozen input of one composition; replaying it gives the same prompt.

    `case_size` is the number of messages of the case that were seen (0 for posts).
    """

    id: str
    community: str
    kind: DraftKind
    case_id: str | None
    post_request_id: str | None
    case_size: int
    lang: Lang
    category: str | None
    member_text: Redacted
    passages: tuple[ContextPassage, ...]
    rule_found: bool
    retrieval_confidence: Probability
    facts: tuple[Fact, ...] = ()
    inputs: tuple[BriefValue, ...] = ()
    """What a post's brief gave beside its points."""
    background: Background = Background()
    """Empty for posts, and in contexts of earlier releases."""
    conflict: ClauseConflict | None = None
    """Two of the passages that contradict each other on what was asked; None where none do, and in
    contexts of earlier releases."""
    tone: str = ""
    instruction: str = ""
    parameters: Mapping[str, str] = Field(default_factory=dict)
    template: TemplateRef
    prompt_hash: str = ""
    """SHA-256 (hex) of the rendered prompt; "" in contexts of earlier releases."""
    created_at: Instant

    def passage(self, clause_id: str) -> ContextPassage | None:
        """The passage of a clause."""
        return next((one for one in self.passages if one.clause_id == clause_id), None)


class PromptReplay(Frozen):
    """The prompt of a stored draft, rendered again.

    `same` compares it with the prompt of then, byte for byte; None where an earlier release kept
    no hash of it. `model` is None where the draft is not a model's.
    """

    draft_id: str
    community: str
    template: TemplateRef
    messages: tuple[ChatMessage, ...]
    json_schema: Mapping[str, object]
    max_tokens: int
    temperature: float
    prompt_hash: str
    same: bool | None
    model: str | None


class Citation(Frozen):
    """A clause the draft leans on; always one of the context's passages."""

    clause_id: str
    version: int


class RefusalKind(StrEnum):
    """Why no answer is offered."""

    NO_RULE = "no_rule"
    NEEDS_HUMAN = "needs_human"
    LEGAL_OR_CRISIS = "legal_or_crisis"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    CONFLICTING_CLAUSES = "conflicting_clauses"


class Origin(StrEnum):
    """Who wrote the text."""

    MODEL = "model"
    TEMPLATE = "template"
    REUSED = "reused"
    """An answer a person approved to the same question before."""
    PERSON = "person"


class Severity(StrEnum):
    """Weight of a finding; a blocking one forbids one-key approval."""

    INFO = "info"
    WARNING = "warning"
    BLOCKING = "blocking"


class Finding(Frozen):
    """One automatic check's remark, anchored to a span of the draft text where it has one."""

    check: str
    severity: Severity
    message_key: str
    """Key in the user-interface catalogue."""
    detail: str = ""
    start: int | None = None
    end: int | None = None


class NumberLink(Frozen):
    """A number at `start` to `end` of a text, and the id of the fact it is."""

    start: int
    end: int
    fact: str


class Composition(Frozen):
    """What composing gave: text or a refusal, with its origin and why it degraded, if it did."""

    text: str
    citations: tuple[Citation, ...]
    refusal: RefusalKind | None
    refusal_reason: str
    origin: Origin
    model: str | None
    degraded_because: str | None = None
    reused_from: str | None = None
    """Id of the review task whose approved answer this is."""
    numbers: tuple[NumberLink, ...] = ()
    """Of the composed text; those of an edit are found again."""
    provider: str = ""
    """Which provider's model wrote it; empty when none did, or when it stood alone."""
    passed_over: tuple[PassedOver, ...] = ()
    """Providers asked before, or instead, and why their answer is not this one."""


class ApprovedAnswer(Frozen):
    """What a person approved for a case that says the same; `question` is redacted."""

    task_id: str
    question: str
    text: str
    citations: tuple[Citation, ...]
    passages: tuple[ContextPassage, ...]
    """The clauses cited, as they read then."""
    model: str | None
    """What wrote the text first, unless it was a template or a person."""


class Revision(Frozen):
    """One version of a draft's text; `number` starts at 1."""

    number: int
    text: str
    hash: str
    origin: Origin
    author: str
    created_at: Instant


class Draft(Frozen):
    """A composed reply or post, never changed afterwards; edits are revisions."""

    id: str
    community: str
    kind: DraftKind
    context_id: str
    case_id: str | None
    post_request_id: str | None
    lang: Lang
    composition: Composition
    findings: tuple[Finding, ...]
    support: SupportLedger = SupportLedger()
    """Of the text as composed; without sentences in drafts older than the measure."""
    supersedes: str | None
    created_at: Instant


def revision_hash(text: str) -> str:
    """SHA-256 (hex) of a revision's text; decisions name it, so they cannot hit another text."""
    return hashlib.sha256(text.encode()).hexdigest()


def prompt_hash(messages: Sequence[ChatMessage]) -> str:
    """SHA-256 (hex) of a rendered prompt, roles included."""
    plain = json.dumps([[one.role, one.content] for one in messages])
    return hashlib.sha256(plain.encode()).hexdigest()


def first_revision(composition: Composition, now: Instant) -> Revision:
    """Revision 1 of a fresh draft."""
    return Revision(
        number=1,
        text=composition.text,
        hash=revision_hash(composition.text),
        origin=composition.origin,
        author=composition.model or composition.origin.value,
        created_at=now,
    )
