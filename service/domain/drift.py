"""What the service does, as shares that are watched: what moved, and the alarms people close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from service.domain.base import Frozen, Instant
from service.domain.quality import Estimate

DAY = timedelta(days=1)
"""Length of one block of counts."""

QUIET = timedelta(hours=24)
"""An alarm whose measure stayed calm for so long is over; what comes later is another one."""

MOST_EVIDENCE = 20
"""Case ids an alarm keeps."""

MOST_CAUSES = 10
"""Changes named as possible causes."""

LONGEST_NOTE = 2000


class Measure(StrEnum):
    """A distribution that is watched. `confidence` is an order of bins, the others are names."""

    CATEGORY = "category"
    """Leading categories of the cases that got one."""
    ABSTENTION = "abstention"
    """Whether triage gave a category."""
    CONFIDENCE = "confidence"
    """Stated confidence of the leading category, in bins of 0.05; keys are lower bounds in %."""
    LANGUAGE = "language"
    REFUSAL = "refusal"
    """Whether reply drafts answer, and why not."""
    SUPPORT = "support"
    """Whether a reply draft that claims something claims what no source says."""
    OUTCOME = "outcome"
    """What people made of drafts: accepted, edited, rejected."""
    SPOT_GROUNDED = "spot_grounded"
    """Whether drawn reply drafts are grounded, as people judged them blind."""
    SPOT_ANSWERS = "spot_answers"
    """Whether they answer what was asked."""
    SPOT_TRIAGE = "spot_triage"
    """Whether drawn triages are right."""


ORDERED = frozenset({Measure.CONFIDENCE})
"""Measures whose keys have an order; the order of the names."""


class Window(StrEnum):
    """The recent time that is compared."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        """Its length in blocks."""
        return 1 if self is Window.DAY else 7


class Counted(Frozen):
    """One measure, counted: for each key the voices of every block of a day, oldest first, the
    last one ending at `until`. A voice is one author in one block and key."""

    measure: Measure
    until: Instant
    counts: Mapping[str, tuple[int, ...]]


class Move(Frozen):
    """The share of one key before and now; of an ordered measure, of everything up to it."""

    key: str
    before: Estimate
    after: Estimate


class Shift(Frozen):
    """One measure's recent time against its reference. `effect` is Cohen's h of the key that moved
    most (0 to pi), of an ordered measure the greatest distance of the two curves (0 to 1);
    `surprise` is -log10 of the adjusted tail probability; `level` 0 is calm. `moves` begins with
    what moved most and is empty when calm."""

    measure: Measure
    window: Window
    since: Instant
    until: Instant
    reference_since: Instant
    n: int
    n_reference: int
    effect: float = Field(ge=0)
    surprise: float = Field(ge=0)
    level: int = Field(ge=0, le=3)
    moves: tuple[Move, ...] = ()


class CauseKind(StrEnum):
    """What people change: subjects of the gate, and the examples triage learns from."""

    PROMPT = "prompt"
    TAXONOMY = "taxonomy"
    BANK = "bank"
    THRESHOLDS = "thresholds"
    RULES = "rules"
    EXAMPLES = "examples"


class Cause(Frozen):
    """A change people put into production: a possible cause, not a proven one. `promotion_id` names
    the line that tells of it, of examples the comparison."""

    kind: CauseKind
    name: str
    version: str
    at: Instant
    promotion_id: str

    @property
    def touches(self) -> frozenset[Measure]:
        """The measures it can move."""
        if self.kind is CauseKind.PROMPT:
            return _TRIAGE if self.name.startswith("classify") else _DRAFTS
        return _TOUCHES[self.kind]


class DriftAlarm(Frozen):
    """One measure that moved, from the first run that saw it (`started_at`) to the last. `shift` is
    its strongest. A person closes it; or it is over when its measure is calm again."""

    id: str
    community: str
    measure: Measure
    level: int = Field(ge=1, le=3)
    shift: Shift
    causes: tuple[Cause, ...] = ()
    evidence: tuple[str, ...] = ()
    started_at: Instant
    last_at: Instant
    closed_at: Instant | None = None
    closed_by: str | None = None
    note: str = Field("", max_length=LONGEST_NOTE)

    def open_at(self, now: datetime) -> bool:
        """Whether it still goes on."""
        return self.closed_at is None and now - self.last_at <= QUIET

    def with_shift(
        self, shift: Shift, causes: tuple[Cause, ...], evidence: tuple[str, ...]
    ) -> DriftAlarm:
        """The alarm after one more run; it never sinks and forgets no evidence."""
        stronger = (shift.level, shift.surprise) > (self.shift.level, self.shift.surprise)
        known = {one.promotion_id: one for one in (*self.causes, *causes)}
        return self.model_copy(
            update={
                "last_at": max(self.last_at, shift.until),
                "level": max(self.level, shift.level),
                "shift": shift if stronger else self.shift,
                "causes": tuple(known.values())[:MOST_CAUSES],
                "evidence": tuple(dict.fromkeys((*self.evidence, *evidence)))[:MOST_EVIDENCE],
            }
        )

    def close(self, by: str, now: datetime, note: str) -> DriftAlarm:
        """A person knows of it: what it found is the rule from now on."""
        told = note.strip()[:LONGEST_NOTE]
        return self.model_copy(update={"closed_at": now, "closed_by": by, "note": told})


_TRIAGE = frozenset({Measure.CATEGORY, Measure.ABSTENTION, Measure.CONFIDENCE, Measure.SPOT_TRIAGE})
_DRAFTS = frozenset(
    {
        Measure.REFUSAL,
        Measure.SUPPORT,
        Measure.OUTCOME,
        Measure.SPOT_GROUNDED,
        Measure.SPOT_ANSWERS,
    }
)
_TOUCHES: Mapping[CauseKind, frozenset[Measure]] = {
    CauseKind.TAXONOMY: _TRIAGE | _DRAFTS,
    CauseKind.BANK: _TRIAGE | _DRAFTS,
    CauseKind.THRESHOLDS: _TRIAGE | _DRAFTS,
    CauseKind.EXAMPLES: _TRIAGE,
    CauseKind.RULES: _DRAFTS,
}
