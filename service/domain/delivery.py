"""The outbox: what leaves, and every try at sending it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from service.domain.base import Frozen, Instant
from service.domain.draft import DraftKind

MAX_ATTEMPTS = 8
"""Tries before an entry is dead and waits for a replay by a person."""


class OutboxStatus(StrEnum):
    """`held` means no receiver is configured yet."""

    PENDING = "pending"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    DEAD = "dead"
    HELD = "held"


class OutboxEntry(Frozen):
    """One approved text on its way. Its id is the idempotency key the receiver sees."""

    id: str
    community: str
    decision_id: str
    kind: DraftKind
    payload: dict[str, object]
    status: OutboxStatus
    not_before: Instant
    attempts: int = 0
    next_attempt_at: Instant
    created_at: Instant
    delivered_at: Instant | None = None


class DeliveryAttempt(Frozen):
    """One try; `error` never holds the payload."""

    id: str
    entry_id: str
    number: int
    ok: bool
    status_code: int | None
    error: str | None
    latency_ms: int
    at: Instant


def backoff(attempt: int) -> timedelta:
    """Wait before try `attempt + 1`: doubling from 10 s, at most 1 hour."""
    return timedelta(seconds=min(3600, 10 * 2 ** max(0, attempt - 1)))
