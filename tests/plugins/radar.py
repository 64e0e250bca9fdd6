"""A community with weeks of quiet behind it, and what breaks the quiet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from service.bootstrap import Application
from service.domain.community import Community
from service.domain.notice import Notice
from service.ports.models import SendResult
from tests.plugins import _facts as facts

Weeks = Callable[..., Awaitable[None]]
Crowd = Callable[..., Awaitable[list[str]]]


class RecordingNotifier:
    """Keeps the notices it was given; answers as told."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.answers: list[SendResult] = []

    async def notify(self, notice: Notice, community: Community) -> SendResult:
        self.sent.append(notice)
        if self.answers:
            return self.answers.pop(0)
        return SendResult(ok=True, status_code=200, error=None)


@pytest.fixture
async def notifier(application: Application) -> RecordingNotifier:
    """A place for notices, with an address."""
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        told = community.model_copy(update={"alert_url": "http://127.0.0.1:9/alerts"})
        await uow.communities.save(told)
        await uow.commit()
    made = RecordingNotifier()
    vars(application)["notifier"] = made
    return made


async def store(
    application: Application, said: list[tuple[str, datetime]], **judged: object
) -> list[str]:
    """One judged case for each author and time; their ids."""
    async with application.uow() as uow:
        cases, messages, triages = [], [], []
        for author, at in said:
            case_id = application.ids.new("case")
            place = {"author": author, "channel": author}
            cases.append(facts.case(case_id, opened_at=at, last_at=at, **place))
            messages.append(
                facts.message(f"m_{case_id}", sent_at=at, received_at=at, case_id=case_id, **place)
            )
            triages.append(facts.triage(f"t_{case_id}", case_id, content_hash=case_id, **judged))
        await uow.cases.save(cases)
        await uow.messages.add(messages)
        await uow.triages.add(triages)
        await uow.commit()
    return [case.id for case in cases]


@pytest.fixture
def weeks(application: Application) -> Weeks:
    """Stores some quiet weeks: a voice every two hours, of a few dozen people."""

    async def make(count: int = 3) -> None:
        now = application.clock.now()
        hours = range(2, count * 168, 2)
        said = [(f"usual{hour % 37}", now - timedelta(hours=hour)) for hour in hours]
        await store(application, said, category="usage_question", severity=1)

    return make


@pytest.fixture
def crowd(application: Application) -> Crowd:
    """Stores one case of each of `people` within the last half hour."""

    async def make(people: int, *, who: str = "new", **judged: object) -> list[str]:
        now = application.clock.now()
        said = [
            (f"{who}{n}", now - timedelta(minutes=1 + 28 * n / max(people, 1)))
            for n in range(people)
        ]
        return await store(
            application, said, **{"category": "billing_refund", "severity": 2} | judged
        )

    return make
