"""Processes of the service that are configured differently, on one database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from prompts.loader import Prompts
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexes.memory import MemoryStore
from service.bootstrap import Application, Parts, open_application
from service.settings import GateSettings, Settings
from service.triage.taxonomy import DEFAULT_FILE
from tests.plugins.app import FrozenClock
from tests.plugins.gate import ToldSuite

SHIPPED_TEXT = DEFAULT_FILE.read_text(encoding="utf-8")
OTHER_TEXT = SHIPPED_TEXT.replace("sla_minutes = ", "sla_minutes = 1", 1)
"""Of another version, with the same examples: no head is trained anew."""

Start = Callable[..., AbstractAsyncContextManager[Application]]
"""`start(limit=0.7, taxonomy=text, policy="advised")`: a process that took up what it may."""


@pytest.fixture
def start(
    settings: Settings,
    clock: FrozenClock,
    suite: ToldSuite,
    shipped_prompts: Prompts,
    tmp_path: Path,
) -> Start:
    def configured(limit: float | None, taxonomy: str | None, policy: str) -> Settings:
        changes: dict[str, object] = {"gate": GateSettings(taxonomy=policy, thresholds=policy)}
        if limit is not None:
            changes["retriever"] = settings.retriever.model_copy(update={"min_confidence": limit})
        if taxonomy is not None:
            file = tmp_path / f"{abs(hash(taxonomy))}.toml"
            file.write_text(taxonomy, encoding="utf-8")
            changes["taxonomy_file"] = file
        return settings.model_copy(update=changes)

    @asynccontextmanager
    async def started(
        *, limit: float | None = None, taxonomy: str | None = None, policy: str = "required"
    ) -> AsyncIterator[Application]:
        parts = Parts(
            clock=clock, embedder=HashingEmbedder(), vectors=MemoryStore(),
            suite=suite, prompts=shipped_prompts,
        )  # fmt: skip
        given = configured(limit, taxonomy, policy)
        async with open_application(given, parts=parts) as application:
            await application.take_up()
            yield application

    return started
