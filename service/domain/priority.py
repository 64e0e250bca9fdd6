"""The order of the review queue."""

from __future__ import annotations

from math import log2

from service.domain.base import Instant

HOURS_PER_DOUBLING = 36.0
"""Twice the weight counts as much as this many hours of waiting."""

WEIGHT = (1, 2, 8, 64, 64)
"""Weight of severity 0 to 4; a step from 2 to 3 is worth four and a half days."""

CRITICAL_LEAD = 24.0 * 365
"""Hours by which the highest severity is ahead of everything else, however long that waited."""


ESCALATION_BOOST = 48.0
"""Added for each time a task was escalated: as much as two days of waiting."""


def priority(
    *,
    severity: int,
    reach: int,
    waiting_since: Instant,
    escalations: int = 0,
    pressing: int = 0,
) -> float:
    """Severity x reach x wait as one number that keeps its order while time passes.

    The logarithm of severity x reach is traded against the moment the wait began, as in
    time-decayed ranking, so the stored number needs no refresh. Higher is more pressing.

    Args:
        severity: 0 to 4.
        reach: distinct authors who raised the same, at least 1.
        waiting_since: when the case was last written to.
        escalations: how often a person passed it on.
        pressing: doublings of the weight that a routing rule asks for.
    """
    weight = WEIGHT[severity] * (1 + log2(max(1, reach)))
    lead = CRITICAL_LEAD if severity == len(WEIGHT) - 1 else 0.0
    lead += ESCALATION_BOOST * escalations + HOURS_PER_DOUBLING * pressing
    return lead + HOURS_PER_DOUBLING * log2(weight) - waiting_since.timestamp() / 3600
