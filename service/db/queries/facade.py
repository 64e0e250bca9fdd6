"""The `Queries` port on one engine: each call is a short read-only transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.db import tables
from service.db.queries import (
    calendar,
    case_list,
    decided,
    evaluations,
    groups,
    learning,
    lists,
    numbers,
    previews,
    prompts,
    queue,
    rehearsals,
    results,
    task_view,
    theme_list,
    theme_view,
    usage,
)
from service.db.repositories import SqlDocuments
from service.db.rows import fetch_all
from service.db.uow import translated
from service.domain.bank import BankTerm
from service.domain.calendar import Entry
from service.domain.deadline import Breach
from service.domain.document import Document
from service.domain.draft import Origin
from service.domain.evaluation import Evaluation, Promotion
from service.domain.event import Event
from service.domain.example import Example
from service.domain.knowledge import Suggestion, SuggestionStatus
from service.domain.notice import Notice
from service.domain.override import Override
from service.domain.post import PostRequest
from service.domain.preview import Preview, PreviewFlip
from service.domain.prompt import LabelMove, PromptFigures, PromptSplit, PromptVersion
from service.domain.quality import DecidedText
from service.domain.refit import Refit
from service.domain.report import Flip, Report
from service.domain.result import PostOutcome
from service.domain.sample import Sample, SampleStatus
from service.domain.triage import Triage
from service.domain.views import (
    CaseRow,
    Counts,
    DeliveryView,
    DuplicateGroup,
    GroupView,
    Page,
    QueueRow,
    TaskView,
    ThemeRow,
    ThemeRunView,
    ThemeView,
)
from service.ports.queries import (
    CaseFilter,
    ExampleFilter,
    GroupFilter,
    OverrideFilter,
    TermFilter,
    ThemeFilter,
)
from service.ports.results import ResultFilter
from service.ports.spending import UsageFilter, UsageRow


class SqlQueries:
    """See `service.ports.queries.Queries`.

    Raises:
        TransientProviderError: the database is busy or away.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def queue(
        self,
        community: str,
        *,
        kind: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[QueueRow]:
        async with self._read() as connection:
            return await queue.list_queue(connection, community, kind, status, cursor, limit)

    async def cases(
        self, community: str, where: CaseFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[CaseRow]:
        async with self._read() as connection:
            return await case_list.list_cases(connection, community, where, cursor, limit)

    async def triages_of(self, case_id: str) -> tuple[Triage, ...]:
        """All triages of a case, oldest first."""
        t = tables.triages
        query = select(t).where(t.c.case_id == case_id)
        async with self._read() as connection:
            return await fetch_all(connection, Triage, query.order_by(t.c.created_at, t.c.id))

    async def themes(
        self,
        community: str,
        where: ThemeFilter,
        *,
        now: datetime,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ThemeRow]:
        async with self._read() as connection:
            return await theme_list.list_themes(connection, community, where, now, cursor, limit)

    async def theme(self, theme_id: str, *, now: datetime, min_authors: int) -> ThemeView | None:
        async with self._read() as connection:
            return await theme_view.theme_view(connection, theme_id, now, min_authors)

    async def theme_runs(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ThemeRunView]:
        async with self._read() as connection:
            return await theme_list.list_runs(connection, community, cursor, limit)

    async def groups(
        self, community: str, where: GroupFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[DuplicateGroup]:
        async with self._read() as connection:
            return await groups.list_groups(connection, community, where, cursor, limit)

    async def group_of(self, case_id: str) -> GroupView | None:
        async with self._read() as connection:
            return await groups.group_of(connection, case_id)

    async def task(self, task_id: str) -> TaskView | None:
        async with self._read() as connection:
            return await task_view.task_view(connection, task_id)

    async def task_of_case(self, case_id: str) -> str | None:
        async with self._read() as connection:
            return await task_view.newest_task_of_case(connection, case_id)

    async def tasks_of_post(self, request_id: str) -> Mapping[str, str]:
        async with self._read() as connection:
            return await task_view.tasks_of_post(connection, request_id)

    async def posts(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PostRequest]:
        async with self._read() as connection:
            return await lists.list_posts(connection, community, cursor, limit)

    async def outcomes(
        self, community: str, where: ResultFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PostOutcome]:
        async with self._read() as connection:
            return await results.list_outcomes(connection, community, where, cursor, limit)

    async def deliveries(
        self,
        community: str,
        *,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[DeliveryView]:
        async with self._read() as connection:
            return await lists.list_deliveries(connection, community, status, cursor, limit)

    async def events(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Event]:
        async with self._read() as connection:
            return await lists.list_events(connection, community, cursor, limit)

    async def documents(self, community: str) -> tuple[Document, ...]:
        """Live documents, by slug."""
        async with self._read() as connection:
            return await SqlDocuments(connection).list(community)

    async def overrides(
        self,
        community: str,
        where: OverrideFilter,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Override]:
        async with self._read() as connection:
            return await learning.list_overrides(connection, community, where, cursor, limit)

    async def examples(
        self, community: str, where: ExampleFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Example]:
        async with self._read() as connection:
            return await learning.list_examples(connection, community, where, cursor, limit)

    async def bank_terms(
        self, community: str, where: TermFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[BankTerm]:
        async with self._read() as connection:
            return await learning.list_terms(connection, community, where, cursor, limit)

    async def suggestions(
        self,
        community: str,
        *,
        status: SuggestionStatus | None = None,
        now: datetime,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Suggestion]:
        async with self._read() as connection:
            return await lists.list_suggestions(connection, community, status, now, cursor, limit)

    async def samples(
        self,
        community: str,
        *,
        status: SampleStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Sample]:
        async with self._read() as connection:
            return await lists.list_samples(connection, community, status, cursor, limit)

    async def refits(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Refit]:
        async with self._read() as connection:
            return await learning.list_refits(connection, community, cursor, limit)

    async def evaluations(
        self,
        community: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Evaluation]:
        async with self._read() as connection:
            return await evaluations.list_evaluations(connection, community, kind, cursor, limit)

    async def promotions(
        self,
        community: str,
        *,
        kind: str | None = None,
        name: str | None = None,
        evaluation: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Promotion]:
        where = evaluations.Where(community, kind, name, evaluation)
        async with self._read() as connection:
            return await evaluations.list_promotions(connection, where, cursor, limit)

    async def previews(
        self,
        community: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Preview]:
        async with self._read() as connection:
            return await previews.list_previews(connection, community, kind, cursor, limit)

    async def preview_flips(
        self,
        preview_id: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PreviewFlip]:
        async with self._read() as connection:
            return await previews.list_flips(connection, preview_id, kind, cursor, limit)

    async def reports(
        self,
        community: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Report]:
        async with self._read() as connection:
            return await rehearsals.list_reports(connection, community, kind, cursor, limit)

    async def flips(
        self, report_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Flip]:
        async with self._read() as connection:
            return await rehearsals.list_flips(connection, report_id, cursor, limit)

    async def breaches(
        self,
        community: str,
        *,
        kind: str | None = None,
        since: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Breach]:
        async with self._read() as connection:
            return await rehearsals.list_breaches(connection, community, kind, since, cursor, limit)

    async def calendar(self, community: str, since: datetime, until: datetime) -> tuple[Entry, ...]:
        async with self._read() as connection:
            return await calendar.list_entries(connection, community, since, until)

    async def notices(
        self,
        community: str,
        *,
        kind: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Notice]:
        async with self._read() as connection:
            return await lists.list_notices(connection, community, kind, status, cursor, limit)

    async def prompt_versions(
        self, template: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PromptVersion]:
        async with self._read() as connection:
            return await prompts.list_versions(connection, template, cursor, limit)

    async def prompt_moves(
        self, template: str, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[LabelMove]:
        async with self._read() as connection:
            return await prompts.list_moves(connection, template, community, cursor, limit)

    async def prompt_splits(
        self, template: str, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PromptSplit]:
        async with self._read() as connection:
            return await prompts.list_splits(connection, template, community, cursor, limit)

    async def prompt_figures(
        self, template: str, community: str, *, since: datetime
    ) -> tuple[PromptFigures, ...]:
        async with self._read() as connection:
            return await prompts.figures(connection, template, community, since)

    async def decided(
        self, community: str, *, origin: Origin, since: datetime, limit: int
    ) -> tuple[DecidedText, ...]:
        async with self._read() as connection:
            return await decided.list_decided(connection, community, origin, since, limit)

    async def usage(
        self, where: UsageFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[UsageRow]:
        async with self._read() as connection:
            return await usage.usage(connection, where, cursor, limit)

    async def counts(self, community: str | None = None) -> Counts:
        async with self._read() as connection:
            return await numbers.counts(connection, community)

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        with translated():
            async with self._engine.connect() as connection:
                yield await connection.execution_options(postgresql_readonly=True)
