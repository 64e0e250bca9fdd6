"""The only place where adapters meet flows."""

from __future__ import annotations

import asyncio
import secrets as random_secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import uuid_utils
from sqlalchemy.ext.asyncio import AsyncEngine

from retrieval.ports import Embedder, VectorStore
from service.domain.llm import LLMCall
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
from service.flows.search import SearchFlow
from service.flows.themes import ThemesFlow
from service.flows.triage import TriageFlow
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter, Redactor, Triager
from service.ports.jobs import Job
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


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Adapters a test puts in the place of the configured ones."""

    clock: Clock | None = None
    ids: Ids | None = None
    embedder: Embedder | None = None
    vectors: VectorStore | None = None
    chat: ChatModel | None = None
    receiver: Receiver | None = None


class Application:
    """Everything an entry point calls. Parts are built on first use, so that a command which only
    writes facts never loads a model or opens the vector store."""

    def __init__(
        self,
        settings: Settings,
        *,
        database_url: str,
        engine: AsyncEngine,
        secrets: Secrets,
        parts: Parts | None = None,
    ) -> None:
        self.settings, self.database_url, self.secrets = settings, database_url, secrets
        self.engine, self._parts = engine, parts or Parts()
        self.clock: Clock = self._parts.clock or SystemClock()
        self.ids: Ids = self._parts.ids or TimeOrderedIds()

    @cached_property
    def uow(self) -> UowFactory:
        """Opens transactions; jobs are deferred inside them."""
        from service.db.uow import make_uow_factory
        from service.jobs.queue import ProcrastinateQueue

        return make_uow_factory(self.engine, ProcrastinateQueue)

    @cached_property
    def queries(self) -> Queries:
        """Read models."""
        from service.db.queries import SqlQueries

        return SqlQueries(self.engine)

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder; loads its model on first use."""
        from retrieval.build import build_embedder

        return self._parts.embedder or build_embedder(self.settings.retrieval)

    @cached_property
    def vectors(self) -> VectorStore:
        """The vector cache; embedded, it belongs to one process."""
        from retrieval.build import build_vector_store

        return self._parts.vectors or build_vector_store(self.settings.retrieval)

    @cached_property
    def triager(self) -> Triager:
        """The triage engine."""
        from service.triage.build import build_triage

        return build_triage(self.embedder, self.settings.data_dir.expanduser() / "heads")

    @cached_property
    def redactor(self) -> Redactor:
        """The choke point for personal data."""
        from service.triage.build import build_redactor

        return build_redactor()

    @cached_property
    def drafter(self) -> Drafter:
        """The drafting engine."""
        from service.drafting.build import build_drafter

        return build_drafter(self.redactor)

    @cached_property
    def chat(self) -> ChatModel | None:
        """The chat model, or None when none is configured."""
        from service.llm.build import build_chat

        if self._parts.chat is not None:
            return self._parts.chat
        return build_chat(self.settings.llm, self._record_call, self.clock, self.ids)

    @cached_property
    def receiver(self) -> Receiver:
        """Where deliveries go."""
        from service.connectors.webhook_out import WebhookReceiver

        if self._parts.receiver is not None:
            return self._parts.receiver
        return WebhookReceiver(
            secret=self.secrets.delivery,
            timeout_s=self.settings.delivery.timeout_s,
            allow_private=self.settings.delivery.allow_private,
            clock=self.clock,
        )

    @property
    def taxonomy(self) -> Taxonomy:
        """The categories in force."""
        return self.triager.taxonomy

    @cached_property
    def accounts(self) -> AccountsFlow:
        """People and API keys."""
        return AccountsFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def ingest(self) -> IngestFlow:
        """Messages come in."""
        return IngestFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def triage(self) -> TriageFlow:
        """Cases are judged."""
        return TriageFlow(
            uow=self.uow,
            triager=self.triager,
            embedder=self.embedder,
            vectors=self.vectors,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def rules(self) -> RulesFlow:
        """Documents under version."""
        return RulesFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def search(self) -> SearchFlow:
        """Which clause answers."""
        return SearchFlow(
            uow=self.uow,
            embedder=self.embedder,
            vectors=self.vectors,
            config=self.settings.retriever,
        )

    @cached_property
    def draft(self) -> DraftFlow:
        """Replies are drafted."""
        return DraftFlow(
            uow=self.uow,
            rules=self.search,
            drafter=self.drafter,
            redactor=self.redactor,
            chat=self.chat,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def review(self) -> ReviewFlow:
        """People decide."""
        return ReviewFlow(
            uow=self.uow,
            drafter=self.drafter,
            clock=self.clock,
            ids=self.ids,
            undo=timedelta(seconds=self.settings.delivery.undo_s),
        )

    @cached_property
    def deliver(self) -> DeliverFlow:
        """What was decided leaves."""
        return DeliverFlow(uow=self.uow, receiver=self.receiver, clock=self.clock, ids=self.ids)

    @cached_property
    def content(self) -> ContentFlow:
        """Posts are drafted."""
        return ContentFlow(
            uow=self.uow,
            rules=self.search,
            drafter=self.drafter,
            redactor=self.redactor,
            chat=self.chat,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def themes(self) -> ThemesFlow:
        """What many cases are about."""
        from service.triage.build import build_themes

        finder = build_themes(self.embedder)
        return ThemesFlow(uow=self.uow, finder=finder, clock=self.clock, ids=self.ids)

    @cached_property
    def reindex(self) -> ReindexFlow:
        """Derived data made anew."""
        return ReindexFlow(uow=self.uow, embedder=self.embedder, vectors=self.vectors)

    def handlers(self) -> Mapping[Job, Callable[[Mapping[str, object]], Awaitable[None]]]:
        """What each job does; every handler may run twice without harm."""
        return {
            Job.TRIAGE: self._run_triage,
            Job.DRAFT: self._run_draft,
            Job.POST: self._run_post,
            Job.DELIVER: self._run_deliver,
            Job.THEMES: self._run_themes,
            Job.REINDEX: self._run_reindex,
        }

    async def sweep(self) -> None:
        """Re-enqueue whatever facts are pending, in case a job was lost."""
        await self.triage.sweep()
        await self.draft.sweep()
        await self.content.sweep()
        await self.deliver.sweep()

    async def warm_up(self) -> None:
        """Load models and bring the cache up to the database.

        Raises:
            ConfigurationError: stored vectors come from another embedder; names the remedy.
        """
        await asyncio.to_thread(lambda: self.triager.judge(["热身 warm up"], [self.clock.now()]))
        if stale := await self.reindex.stale():
            from retrieval.errors import FingerprintMismatch

            current = self.embedder.info.fingerprint
            raise ConfigurationError(str(FingerprintMismatch(min(stale), current)))
        await self.reindex.reconcile()

    async def close(self) -> None:
        """Release the vector store and the database pool."""
        if "vectors" in self.__dict__:
            await asyncio.to_thread(self.vectors.close)
        await self.engine.dispose()

    async def _record_call(self, call: LLMCall) -> None:
        async with self.uow() as uow:
            await uow.llm_calls.add(call)
            await uow.commit()

    async def _run_triage(self, payload: Mapping[str, object]) -> None:
        case_ids = payload["case_ids"]
        if not isinstance(case_ids, list):
            raise ConfigurationError("A triage job carries a list of case ids.")
        await self.triage.run(str(payload["community"]), [str(item) for item in case_ids])

    async def _run_draft(self, payload: Mapping[str, object]) -> None:
        await self.draft.draft_due(str(payload["case_id"]))

    async def _run_post(self, payload: Mapping[str, object]) -> None:
        await self.content.draft_due(str(payload["request_id"]))

    async def _run_deliver(self, payload: Mapping[str, object]) -> None:
        await self.deliver.deliver(str(payload["entry_id"]))

    async def _run_themes(self, payload: Mapping[str, object]) -> None:
        await self.themes.run(str(payload["community"]))

    async def _run_reindex(self, payload: Mapping[str, object]) -> None:
        del payload
        await self.reindex.run()


@asynccontextmanager
async def open_application(
    settings: Settings, *, parts: Parts | None = None, migrate: bool | None = None
) -> AsyncIterator[Application]:
    """Start the database where it is ours, migrate it there, and hand out the application.

    Args:
        migrate: whether to bring the schema up to date; by default only an embedded database.

    Raises:
        ConfigurationError: settings or schema do not allow to start; the message says the remedy.
    """
    async with AsyncExitStack() as stack:
        url = await _database(settings, stack)
        await asyncio.to_thread(_schema, url, settings.embedded if migrate is None else migrate)
        from service.db.engine import make_engine

        application = Application(
            settings,
            database_url=url,
            engine=make_engine(url),
            secrets=load_secrets(settings),
            parts=parts,
        )
        stack.push_async_callback(application.close)
        yield application


async def _database(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.database_url is not None:
        return settings.database_url
    from service.db.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(settings.data_dir.expanduser() / "postgres")
    url = await asyncio.to_thread(server.start)
    stack.callback(server.stop)
    return url


def _schema(url: str, migrate: bool) -> None:
    from service.db.migrate import require_current, upgrade

    if migrate:
        upgrade(url)
    require_current(url)


def load_secrets(settings: Settings) -> Secrets:
    """Configured secrets, or random ones kept in the data folder from the first start on."""
    folder = settings.data_dir.expanduser() / "secrets"

    def kept(name: str) -> str:
        path = folder / name
        if not path.exists():
            _write_once(path, random_secrets.token_urlsafe(48))
        return path.read_text().strip()

    configured = {
        "session": settings.secret_key,
        "delivery": settings.delivery.secret,
        "inbound": settings.inbound_secret,
    }
    values = {
        name: value.get_secret_value() if value else kept(name)
        for name, value in configured.items()
    }
    return Secrets(**values)


def _write_once(path: Path, text: str) -> None:
    """Create a private file unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{random_secrets.token_hex(6)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
