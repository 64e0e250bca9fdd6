"""Work that was written down as queued or under way, and that no job carries on."""

from __future__ import annotations

from datetime import datetime

from service.domain.gave_up import GaveUp, lost_by
from service.errors import TransientProviderError
from service.ports.jobs import WORKER_DIED, Fate

MOST_SWEPT = 100
"""Unfinished ones a sweep looks at, the oldest first."""


def given_up(fate: Fate | None, began: datetime, now: datetime) -> GaveUp | None:
    """Why it will not go on; None while it may.

    Args:
        fate: of the jobs under its key; None where there is none, as for work done by hand.
    """
    if fate is None:
        return GaveUp.LOST if lost_by(now, began) else None
    if fate.alive:
        return None
    if fate.code == WORKER_DIED:
        return GaveUp.WORKER_DIED
    return GaveUp.AWAY if fate.code == TransientProviderError.code else GaveUp.TRIES
