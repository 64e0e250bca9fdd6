"""Weeks of cases of known shares, for what watches them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import pytest

from service.bootstrap import Application
from tests.plugins.radar import store

Mixed = Callable[..., Awaitable[None]]

USUAL: Mapping[str, int] = {"usage_question": 20, "bug_report": 12, "complaint": 8}
MOVED: Mapping[str, int] = {"usage_question": 10, "bug_report": 8, "billing_refund": 22}


@pytest.fixture
def mixed(application: Application) -> Mixed:
    """Stores days of cases: for each category so many voices a day, days counted back from now."""

    async def make(shares: Mapping[str, int], days: range, **judged: object) -> None:
        now = application.clock.now()
        said: dict[str, list[tuple[str, object]]] = {}
        for day in days:
            for category, voices in shares.items():
                at = [
                    (f"{category}{day}.{n}", now - timedelta(days=day, minutes=5 + 20 * n))
                    for n in range(voices + day % 2)
                ]
                said.setdefault(category, []).extend(at)
        for category, given in said.items():
            await store(application, given, category=category, **judged)  # type: ignore[arg-type]

    return make
