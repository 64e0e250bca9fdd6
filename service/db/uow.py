"""The unit of work: one connection, one transaction, every repository on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.db import repositories as r
from service.errors import Conflict, TransientProviderError
from service.ports import bank as bank_ports
from service.ports import desk as desk_ports
from service.ports import events as event_ports
from service.ports import learning as learning_ports
from service.ports import radar as radar_ports
from service.ports import routing as routing_ports
from service.ports import store as ports
from service.ports.approvals import Approvals
from service.ports.calendar import Calendar
from service.ports.changes import Changes
from service.ports.drift import DriftStore
from service.ports.evaluations import Evaluations, Promotions
from service.ports.jobs import JobQueue
from service.ports.knowledge import Knowledge
from service.ports.labelling import Labels
from service.ports.previews import Previews
from service.ports.prompts import PromptStore
from service.ports.results import Results
from service.ports.samples import Samples
from service.ports.spending import Spending
from service.ports.spot import SpotChecks
from service.ports.themes import Themes

JobQueueFactory = Callable[[AsyncConnection], JobQueue]
"""Makes the queue that writes on a unit of work's connection."""


class SqlUow:
    """See `service.ports.store.UnitOfWork`. Errors of the database leave the block as ours:

    Raises:
        TransientProviderError: connection lost, deadlock, time-out: run the block again.
        Conflict: a unique or foreign key forbids it; somebody else was first.
    """

    communities: ports.Communities
    messages: ports.Messages
    cases: ports.Cases
    triages: ports.Triages
    duplicates: ports.Duplicates
    vectors: ports.Vectors
    documents: ports.Documents
    themes: Themes
    drafts: desk_ports.Drafts
    reviews: desk_ports.Reviews
    outbox: desk_ports.Outbox
    posts: desk_ports.Posts
    llm_calls: ports.LLMCalls
    spending: Spending
    accounts: ports.Accounts
    idempotency: ports.Idempotency
    versions: learning_ports.Versions
    overrides: learning_ports.Overrides
    examples: learning_ports.Examples
    refits: learning_ports.Refits
    pulses: radar_ports.Pulses
    radar: radar_ports.RadarStore
    routing: routing_ports.Routing
    reports: routing_ports.Reports
    approvals: Approvals
    bank: bank_ports.BankTerms
    calendar: Calendar
    changes: Changes
    knowledge: Knowledge
    results: Results
    reveals: bank_ports.Reveals
    events: event_ports.Events
    deadlines: routing_ports.Deadlines
    prompts: PromptStore
    evaluations: Evaluations
    promotions: Promotions
    previews: Previews
    labels: Labels
    drift: DriftStore
    spots: SpotChecks
    samples: Samples
    jobs: JobQueue

    def __init__(self, engine: AsyncEngine, job_queue_factory: JobQueueFactory) -> None:
        self._engine, self._make_queue = engine, job_queue_factory
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        with translated():
            self._connection = connection = await self._engine.connect()
        self._open(connection)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with translated():
                # A cancelled task must still give its connection back.
                await asyncio.shield(connection.close())
        if isinstance(error, DBAPIError):
            with translated():
                raise error

    async def commit(self) -> None:
        """Make everything lasting; the unit of work can go on in a new transaction."""
        assert self._connection is not None, "commit outside the block"  # noqa: S101
        with translated():
            await self._connection.commit()

    def _open(self, connection: AsyncConnection) -> None:
        self.communities = r.SqlCommunities(connection)
        self.messages = r.SqlMessages(connection)
        self.cases = r.SqlCases(connection)
        self.triages = r.SqlTriages(connection)
        self.duplicates = r.SqlDuplicates(connection)
        self.vectors = r.SqlVectors(connection)
        self.documents = r.SqlDocuments(connection)
        self.themes = r.SqlThemes(connection)
        self.drafts = r.SqlDrafts(connection)
        self.reviews = r.SqlReviews(connection)
        self.outbox = r.SqlOutbox(connection)
        self.posts = r.SqlPosts(connection)
        self.llm_calls = r.SqlLLMCalls(connection)
        self.spending = r.SqlSpending(connection)
        self.accounts = r.SqlAccounts(connection)
        self.idempotency = r.SqlIdempotency(connection)
        self.versions = r.SqlVersions(connection)
        self.overrides = r.SqlOverrides(connection)
        self.examples = r.SqlExamples(connection)
        self.refits = r.SqlRefits(connection)
        self.pulses = r.SqlPulses(connection)
        self.radar = r.SqlRadar(connection)
        self.routing = r.SqlRouting(connection)
        self.reports = r.SqlReports(connection)
        self.approvals = r.SqlApprovals(connection)
        self.calendar = r.SqlCalendar(connection)
        self.changes = r.SqlChanges(connection)
        self.knowledge = r.SqlKnowledge(connection)
        self.samples = r.SqlSamples(connection)
        self.results = r.SqlResults(connection)
        self.bank = r.SqlBankTerms(connection)
        self.events = r.SqlEvents(connection)
        self.reveals = r.SqlReveals(connection)
        self.deadlines = r.SqlDeadlines(connection)
        self.prompts = r.SqlPrompts(connection)
        self.evaluations = r.SqlEvaluations(connection)
        self.promotions = r.SqlPromotions(connection)
        self.previews = r.SqlPreviews(connection)
        self.labels = r.SqlLabels(connection)
        self.drift = r.SqlDrift(connection)
        self.spots = r.SqlSpotChecks(connection)
        self.jobs = self._make_queue(connection)


def make_uow_factory(engine: AsyncEngine, job_queue_factory: JobQueueFactory) -> ports.UowFactory:
    """Units of work on this engine; the queue comes from outside, so that neither room knows
    the other."""

    def factory() -> ports.UnitOfWork:
        return SqlUow(engine, job_queue_factory)

    return factory


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours; values never travel with them."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("Somebody else changed this at the same moment; load it again.") from error
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise TransientProviderError("The database is busy or away; try again.") from error
