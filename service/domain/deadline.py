"""Deadlines that were missed or nearly are."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from service.domain.base import Frozen, Instant

NEAR = timedelta(hours=1)
"""How long before its deadline an unanswered case counts as nearly late."""


class BreachKind(StrEnum):
    """`near`: due within the hour; `breached`: past due. Both unanswered."""

    NEAR = "near"
    BREACHED = "breached"


class Breach(Frozen):
    """An unanswered case at one deadline, recorded once. Append-only."""

    id: str
    case_id: str
    community: str
    kind: BreachKind
    department: str | None
    severity: int | None
    due_at: Instant
    at: Instant
