"""Why work that was queued will not be done any more, in words a person understands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

LOST_AFTER = timedelta(days=1)
"""Work that no job carries on is given up so long after it began: whoever does it by hand, without
a job, has ended by then."""


class GaveUp(StrEnum):
    """`worker_died`: what did it ended again and again. `away`: what it needs was away for hours.
    `tries`: it failed at every try. `lost`: nobody does it any more."""

    WORKER_DIED = "worker_died"
    AWAY = "away"
    TRIES = "tries"
    LOST = "lost"


TOLD: Mapping[GaveUp, str] = {
    GaveUp.WORKER_DIED: "The process that did it ended every time, perhaps for want of memory. "
    "Start it again over fewer cases.",
    GaveUp.AWAY: "What it needs, such as the embedder or the model, was away for hours. "
    "Start it again.",
    GaveUp.TRIES: "It failed at every try; the log says why. Start it again.",
    GaveUp.LOST: "It was broken off, and nobody does it any more. Start it again.",
}
"""The reason as it is written down."""


def reason_of(told: str) -> GaveUp | None:
    """The reason that was written down; None where it was another."""
    return next((reason for reason, text in TOLD.items() if text == told), None)


def lost_by(now: datetime, began: datetime) -> bool:
    """Whether work without a job counts as lost."""
    return now - began >= LOST_AFTER
