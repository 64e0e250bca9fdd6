"""The application on a real PostgreSQL, with a hashing embedder and an in-memory vector store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from prompts.loader import Prompts, load_prompts
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexes.memory import MemoryStore
from service.bootstrap import Application, Parts, open_application
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.delivery import OutboxEntry
from service.ports.models import SendResult
from service.settings import DeliverySettings, GateSettings, Settings

OPEN_GATE = GateSettings(prompt="off", bank="off", taxonomy="off", thresholds="off", rules="off")
"""Tests of anything else than the gate do not compare."""

QUICK_PASSWORDS = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
"""Argon2 as in the product, without the work that makes guessing dear."""

START = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


class FrozenClock:
    """Stands still until moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, step: timedelta) -> None:
        self.at += step


class RecordingReceiver:
    """Keeps what it was sent; answers as told."""

    def __init__(self) -> None:
        self.sent: list[OutboxEntry] = []
        self.answers: list[SendResult] = []

    async def send(self, entry: OutboxEntry, community: Community) -> SendResult:
        self.sent.append(entry)
        if self.answers:
            return self.answers.pop(0)
        return SendResult(ok=True, status_code=200, error=None)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def receiver() -> RecordingReceiver:
    return RecordingReceiver()


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=database,
        data_dir=tmp_path / "data",
        delivery=DeliverySettings(undo_s=30, allow_private=True),
        gate=OPEN_GATE,
    )


@pytest.fixture(scope="session")
def shipped_prompts() -> Prompts:
    """The prompt files, read once: nothing changes them."""
    return load_prompts()


@pytest.fixture
async def application(
    settings: Settings, clock: FrozenClock, receiver: RecordingReceiver, shipped_prompts: Prompts
) -> AsyncIterator[Application]:
    parts = Parts(
        clock=clock,
        embedder=HashingEmbedder(),
        vectors=MemoryStore(),
        receiver=receiver,
        prompts=shipped_prompts,
    )
    async with open_application(settings, parts=parts) as opened:
        vars(opened.accounts)["_passwords"] = QUICK_PASSWORDS
        async with opened.uow() as uow:
            await uow.communities.save(
                Community(
                    id="acme",
                    name=Bilingual(zh="示例社区", en="Acme"),
                    delivery_url="http://127.0.0.1:9/hook",
                )
            )
            await uow.commit()
        yield opened
