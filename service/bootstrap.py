"""The only place where adapters meet flows."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uuid_utils
from pydantic import SecretStr

from retrieval.ports import Embedder, VectorStore
from service.domain.taxonomy import Taxonomy
from service.errors import ConfigurationError
from service.flows.accounts import AccountsFlow
from service.flows.content import ContentFlow
from service.flows.deliver import DeliverFlow
from service.flows.draft import DraftFlow
from service.flows.ingest import IngestFlow
from service.flows.reindex import ReindexFlow
from service.flows.review import ReviewFlow
from service.flows.rules import RulesFlow
from service.flows.themes import ThemesFlow
from service.flows.triage import TriageFlow
from service.ports.clock import Clock, Ids
from service.ports.models import ChatModel, Receiver
from service.ports.queries import Queries
from service.ports.store import UowFactory
from service.settings import Settings


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)


class TimeOrderedIds:
    """UUID version 7 (RFC 9562), so that ids sort by creation."""

    def new(self, prefix: str) -> str:
        """`<prefix>_<32 hex digits>`."""
        return f"{prefix}_{uuid_utils.uuid7().hex}"


@dataclass(frozen=True)
class Secrets:
    """Keys that sign sessions, deliveries and inbound webhooks."""

    session: str
    delivery: str
    inbound: str


@dataclass(frozen=True)
class Application:
    """Everything an entry point calls."""

    settings: Settings
    secrets: Secrets
    clock: Clock
    ids: Ids
    uow: UowFactory
    queries: Queries
    taxonomy: Taxonomy
    accounts: AccountsFlow
    ingest: IngestFlow
    triage: TriageFlow
    rules: RulesFlow
    draft: DraftFlow
    review: ReviewFlow
    deliver: DeliverFlow
    content: ContentFlow
    themes: ThemesFlow
    reindex: ReindexFlow
    chat: ChatModel | None
    database_url: str
