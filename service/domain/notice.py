"""Notices: ids and numbers on their way to the community's own people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from service.domain.alert import Alert, Metric
from service.domain.base import Frozen, Instant
from service.domain.deadline import Breach
from service.domain.delivery import MAX_ATTEMPTS, backoff
from service.domain.drift import DriftAlarm, Measure, Move, Window

MOST_BREACHES = 100
"""Late cases one notice names; the others are counted."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    INCIDENT = "incident"
    DEADLINE = "deadline"
    DRIFT = "drift"


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


class NoticeDrift(Frozen):
    """The numbers of one measure that moved; keys are categories, kinds and languages, no words of
    members. `causes` are ids of changes people made."""

    alarm_id: str
    measure: Measure
    window: Window
    level: int
    moves: tuple[Move, ...]
    causes: tuple[str, ...] = ()
    started_at: Instant
    last_at: Instant


class Notice(Frozen):
    """One message to the community's own people. Its id is the idempotency key.

    `level` is the incident's, or the highest severity among the late cases (0 if none is known).
    """

    id: str
    community: str
    kind: NoticeKind = NoticeKind.INCIDENT
    incident_id: str | None = None
    level: int
    alerts: tuple[NoticeAlert, ...] = ()
    breaches: tuple[Breach, ...] = ()
    more: int = 0
    """Late cases beyond those in `breaches`."""
    drifts: tuple[NoticeDrift, ...] = ()
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


def late_notice(
    notice_id: str, community: str, fresh: Sequence[Breach], *, to_send: bool, now: datetime
) -> Notice:
    """One notice of all that became late in one sweep, gravest and longest late first."""
    ranked = sorted(fresh, key=lambda one: (-(one.severity or 0), one.due_at, one.id))
    return Notice(
        id=notice_id,
        community=community,
        kind=NoticeKind.DEADLINE,
        level=ranked[0].severity or 0,
        breaches=tuple(ranked[:MOST_BREACHES]),
        more=max(0, len(ranked) - MOST_BREACHES),
        status=NoticeStatus.PENDING if to_send else NoticeStatus.HELD,
        next_attempt_at=now,
        created_at=now,
    )


def drift_notice(
    notice_id: str, community: str, alarms: Sequence[DriftAlarm], *, to_send: bool, now: datetime
) -> Notice:
    """One notice of all that one run opened or raised, gravest first."""
    ranked = sorted(alarms, key=lambda one: (-one.level, one.measure))
    return Notice(
        id=notice_id,
        community=community,
        kind=NoticeKind.DRIFT,
        level=ranked[0].level,
        drifts=tuple(_moved(alarm) for alarm in ranked),
        status=NoticeStatus.PENDING if to_send else NoticeStatus.HELD,
        next_attempt_at=now,
        created_at=now,
    )


def _moved(alarm: DriftAlarm) -> NoticeDrift:
    return NoticeDrift(
        alarm_id=alarm.id,
        measure=alarm.measure,
        window=alarm.shift.window,
        level=alarm.level,
        moves=alarm.shift.moves,
        causes=tuple(one.promotion_id for one in alarm.causes),
        started_at=alarm.started_at,
        last_at=alarm.last_at,
    )


def numbers_of(alert: Alert) -> NoticeAlert:
    """What a notice tells of an alert."""
    names = NoticeAlert.model_fields.keys() - {"alert_id"}
    return NoticeAlert(alert_id=alert.id, **{name: getattr(alert, name) for name in names})
