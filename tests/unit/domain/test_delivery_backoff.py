"""Waiting between tries."""

from __future__ import annotations

import itertools
from datetime import timedelta

from service.domain.delivery import MAX_ATTEMPTS, backoff


def test_waits_double_up_to_an_hour() -> None:
    waits = [backoff(n) for n in range(1, MAX_ATTEMPTS + 1)]
    assert waits[0] == timedelta(seconds=10)
    assert all(a <= b for a, b in itertools.pairwise(waits))
    assert max(waits) <= timedelta(hours=1)
    assert backoff(60) == timedelta(hours=1)
