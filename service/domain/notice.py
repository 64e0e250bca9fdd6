"""Notices: numbers about an incident on their way to the community's own people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from service.domain.alert import Alert, Metric
from service.domain.base import Frozen, Instant
from service.domain.delivery import MAX_ATTEMPTS, backoff


class NoticeStatus(StrEnum):
    """`held` means the community names no address for alerts."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    HELD = "held"


class NoticeAlert(Frozen):
    """The numbers of one alert. There is no field that could carry a text to a member."""

    alert_id: str
    metric: Metric
    level: int
    baseline: float
    observed: int
    authors: int
    started_at: Instant
    last_at: Instant


class Notice(Frozen):
    """One message to the people who handle incidents. Its id is the idempotency key."""

    id: str
    community: str
    incident_id: str
    level: int
    alerts: tuple[NoticeAlert, ...]
    status: NoticeStatus
    attempts: int = 0
    next_attempt_at: Instant
    created_at: Instant
    sent_at: Instant | None = None
    error: str | None = None

    def after(self, ok: bool, error: str | None, permanent: bool, now: datetime) -> Notice:
        """The notice after a try that `attempts` counts already."""
        if ok:
            update: dict[str, object] = {"status": NoticeStatus.SENT, "sent_at": now, "error": None}
        elif permanent or self.attempts >= MAX_ATTEMPTS:
            update = {"status": NoticeStatus.DEAD, "error": error}
        else:
            update = {"next_attempt_at": now + backoff(self.attempts), "error": error}
        return self.model_copy(update=update)


def numbers_of(alert: Alert) -> NoticeAlert:
    """What a notice tells of an alert."""
    names = NoticeAlert.model_fields.keys() - {"alert_id"}
    return NoticeAlert(alert_id=alert.id, **{name: getattr(alert, name) for name in names})
