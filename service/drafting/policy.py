"""Which cases a model may answer at all, decided by code before any model is asked."""

from __future__ import annotations

from enum import StrEnum

from service.domain.taxonomy import Department
from service.domain.triage import Judgement, SignalKind

CRITICAL = 4
"""Severity at which a person answers, whatever the category."""

_OPEN_CATEGORIES = frozenset(
    {"praise", "chat", "feature_request", "community_suggestion", "event_feedback"}
)
"""Thanks and ideas: a courteous answer needs no rule. Everything else does."""

_LEGAL_CATEGORIES = frozenset({"privacy_legal"})
_CRISIS_CATEGORIES = frozenset({"safety_crisis"})


class Hold(StrEnum):
    """Why only a person may answer."""

    NONE = ""
    CRISIS = "crisis"
    LEGAL = "legal"


def hold_for(judgement: Judgement) -> Hold:
    """Crisis outranks legal; severity counts even when the engine abstained on a category."""
    if judgement.severity >= CRITICAL or judgement.primary in _CRISIS_CATEGORIES:
        return Hold.CRISIS
    legal = judgement.primary in _LEGAL_CATEGORIES
    return Hold.LEGAL if legal or judgement.route.department is Department.LEGAL else Hold.NONE


def needs_rule(category: str | None) -> bool:
    """Whether an answer without a rule would be an invention; unknown categories need one."""
    return category not in _OPEN_CATEGORIES


def looks_injected(judgement: Judgement) -> bool:
    """Whether the text gives orders to a machine."""
    return any(signal.kind is SignalKind.INJECTION for signal in judgement.signals)
