"""What triage says of a case."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from service.domain.base import Frozen, Instant, Lang, Probability
from service.domain.override import Standing
from service.domain.taxonomy import Department
from service.domain.text import Redacted


class SignalKind(StrEnum):
    """Families of deterministic findings."""

    PII = "pii"
    INJECTION = "injection"
    SEVERITY = "severity"
    SPAM = "spam"
    EVASION = "evasion"
    NOISE = "noise"


class Signal(Frozen):
    """One deterministic finding. Offsets refer to the redacted text; `floor` is the least severity
    the case gets, whatever its text or a model says."""

    kind: SignalKind
    code: str
    start: int | None = None
    end: int | None = None
    floor: int | None = None


class LabelSource(StrEnum):
    """Who gave a label."""

    HEADS = "heads"
    MODEL = "model"


class Label(Frozen):
    """A category with its calibrated confidence, or None where nobody measured one: what a language
    model says of its own certainty is not kept. Its `quote` is the passage it rests on."""

    category: str
    confidence: Probability | None
    source: LabelSource = LabelSource.HEADS
    quote: str | None = None

    @property
    def sure(self) -> float:
        """The confidence, 0 where nobody measured one."""
        return 0.0 if self.confidence is None else self.confidence


class Sentiment(StrEnum):
    """Polarity of the member's text."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Urgency(StrEnum):
    """How soon somebody must look."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Evidence(Frozen):
    """A labelled example near the text: why the label was given."""

    example_id: str
    category: str
    text: str
    similarity: float


class DuplicateKind(StrEnum):
    """How alike two cases are. What is exact or near joins a group by itself; what is only of like
    meaning is suggested to a person."""

    EXACT = "exact"
    NEAR = "near"
    SEMANTIC = "semantic"


class DuplicateOf(Frozen):
    """An earlier case that says the same."""

    case_id: str
    kind: DuplicateKind
    similarity: float


class Route(Frozen):
    """Who owns the case and until when it must be answered."""

    department: Department
    due_at: Instant
    reply_due: bool
    pressing: int = 0
    """Doublings of its weight in the queue that a routing rule asks for."""
    rule: str | None = None
    """The routing rule that decided, if one did."""


class EngineVersions(Frozen):
    """What produced the triage, so that it can be replayed."""

    taxonomy: str
    heads: str
    embedder: str
    signals: str
    model: str | None = None
    """The language model that was asked, with its prompt, where its labels stand."""


class Judgement(Frozen):
    """The verdict on one text, before it belongs to a case.

    `labels` is empty when the engine abstains; `candidates` then still lists the best guesses.
    `severity` runs from 0 (none) to 4 (critical).
    """

    lang: Lang
    redacted: Redacted
    labels: tuple[Label, ...]
    candidates: tuple[Label, ...]
    abstained: bool
    sentiment: Sentiment
    sentiment_confidence: Probability
    toxicity: Probability
    severity: int
    urgency: Urgency
    route: Route
    signals: tuple[Signal, ...]
    evidence: tuple[Evidence, ...]
    versions: EngineVersions

    @property
    def guess(self) -> str | None:
        """The likeliest category, whether or not the engine is sure of it."""
        best = self.labels or self.candidates
        return best[0].category if best else None

    @property
    def primary(self) -> str | None:
        """The leading category, or None when the engine abstained."""
        return self.labels[0].category if self.labels else None


class Triage(Frozen):
    """A judgement bound to a case; `case_size` tells which messages it saw.

    With a `standing`, people set part of the judgement: it reads as they decided, and what the
    engine said is kept in there.
    """

    id: str
    case_id: str
    community: str
    case_size: int
    judgement: Judgement
    duplicate_of: DuplicateOf | None
    content_hash: str
    standing: Standing | None = None
    created_at: Instant

    @property
    def by_person(self) -> tuple[str, ...]:
        """Which of categories, severity, sentiment and department a person set."""
        return self.standing.change.fields if self.standing else ()


def in_force(triages: Iterable[Triage]) -> Triage | None:
    """The newest triage of a case: the one that saw the most messages, then the latest."""
    return max(triages, key=lambda one: (one.case_size, one.created_at, one.id), default=None)
