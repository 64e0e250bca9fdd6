"""Which cases a model may answer at all, decided by code before any model is asked."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from service.domain.taxonomy import Department
from service.domain.triage import Judgement, SignalKind
from service.drafting.holds import family_of
from service.drafting.vague import is_vague

CRITICAL = 4
"""Severity at which a person answers, whatever the category."""

SOFT = 0.4
"""Confidence from which the best guess of an abstention stands in for a category: it decides how
a reply is worded and whether it needs a rule, never where a case goes."""

_OPEN_CATEGORIES = frozenset(
    {"praise", "chat", "feature_request", "community_suggestion", "event_feedback"}
)
"""Thanks and ideas: a courteous answer needs no rule. Everything else does."""

_LEGAL_CATEGORIES = frozenset({"privacy_legal"})
_CRISIS_CATEGORIES = frozenset({"safety_crisis"})
_KIND_CATEGORIES = _OPEN_CATEGORIES - {"chat"}
"""Who thanks or suggests asks nobody to decide; chat may hide anything."""

_UNCLEAR_PHRASES = {
    "billing_refund": "unclear_billing",
    "account_access": "unclear_account",
}


class Hold(StrEnum):
    """Why only a person may answer, or nobody yet."""

    NONE = ""
    CRISIS = "crisis"
    LEGAL = "legal"
    HUMAN = "human"
    UNCLEAR = "unclear"
    CONFLICT = "conflict"


class Held(NamedTuple):
    """A hold with the table of `phrases.toml` that words it."""

    hold: Hold
    phrase: str


FREE = Held(Hold.NONE, "")


def category_of(judgement: Judgement) -> str | None:
    """The category, or the best guess of an abstention where it is fairly sure."""
    if judgement.primary:
        return judgement.primary
    best = max(judgement.candidates, key=lambda label: label.sure, default=None)
    return best.category if best and best.sure >= SOFT else None


def hold_for(judgement: Judgement) -> Held:
    """Crisis outranks legal, legal a person's matters, those a message that says too little.

    Severity counts even when the engine abstained on a category.
    """
    category, text = category_of(judgement), judgement.redacted.text
    if judgement.severity >= CRITICAL or category in _CRISIS_CATEGORIES:
        return Held(Hold.CRISIS, "crisis")
    if category in _LEGAL_CATEGORIES or judgement.route.department is Department.LEGAL:
        return Held(Hold.LEGAL, "legal")
    family = family_of(text, category)
    if family and (Hold(family.hold) is Hold.LEGAL or judgement.primary not in _KIND_CATEGORIES):
        return Held(Hold(family.hold), family.phrase)
    if is_vague(text):
        return Held(Hold.UNCLEAR, _UNCLEAR_PHRASES.get(category or "", "unclear"))
    return FREE


def needs_rule(category: str | None) -> bool:
    """Whether an answer without a rule would be an invention; unknown categories need one."""
    return category not in _OPEN_CATEGORIES


def looks_injected(judgement: Judgement) -> bool:
    """Whether the text gives orders to a machine."""
    return any(signal.kind is SignalKind.INJECTION for signal in judgement.signals)
