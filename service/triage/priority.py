"""From labels and findings to severity, urgency and route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain.taxonomy import Category, Department
from service.domain.triage import Route, Sentiment, Urgency
from service.triage.signals import Scan

HIGHEST = 4
MOOD_REACHES = 2
UNSURE_SEVERITY = 1
UNSURE_SLA = timedelta(hours=8)

_SHORTENED = {0: 1.0, 1: 1.0, 2: 1.0, 3: 0.5, 4: 0.1}
"""Share of the category's time that is left at each severity."""

_SOONEST = timedelta(minutes=15)
_URGENCIES = (Urgency.LOW, Urgency.LOW, Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
_RISING = {
    "complaint",
    "bug_report",
    "billing_refund",
    "account_access",
    "appeal",
    "event_feedback",
}


def severity_of(
    categories: Sequence[Category], sentiment: Sentiment, toxic: bool, scan: Scan
) -> int:
    """0 to 4: the gravest label, from 1 to 2 for a complaint in a bad mood or for abuse, and never
    under the floor of a signal. Mood alone never makes 3: that takes a label or a finding. Nothing
    in a text lowers it."""
    base = max((category.severity for category in categories), default=UNSURE_SEVERITY)
    upset = sentiment is Sentiment.NEGATIVE and any(c.id in _RISING for c in categories)
    raised = min(base + 1, MOOD_REACHES) if (upset or toxic) and base < MOOD_REACHES else base
    return max(raised, scan.floor)


def urgency_of(severity: int) -> Urgency:
    """How soon somebody must look."""
    return _URGENCIES[severity]


def route_of(categories: Sequence[Category], severity: int, scan: Scan, at: datetime) -> Route:
    """The route of a text with these findings."""
    return route_for(categories, severity, noise=scan.noise, at=at)


def route_for(categories: Sequence[Category], severity: int, *, noise: bool, at: datetime) -> Route:
    """Owner and due time by the most pressing label; without labels, operations look at it."""
    first = min(categories, key=lambda c: (-c.severity, c.sla_minutes), default=None)
    allowed = timedelta(minutes=first.sla_minutes) if first else UNSURE_SLA
    due = max(allowed * _SHORTENED[severity], min(allowed, _SOONEST))
    wanted = any(category.needs_reply for category in categories) or not categories
    return Route(
        department=first.owner if first else Department.OPERATIONS,
        due_at=at + due,
        reply_due=severity == HIGHEST or (wanted and not noise),
    )
