"""Reading for pages and lists; bypasses the repositories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from service.domain.bank import BankTerm
from service.domain.base import Frozen
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
from service.domain.theme import ThemeLevel, ThemeStatus
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
from service.ports.results import ResultFilter
from service.ports.spending import UsageFilter, UsageRow


class CaseFilter(Frozen):
    """Filters of case search; None or empty leaves a filter out."""

    text: str = ""
    """Substring of the redacted text, case-insensitive; works for Chinese."""
    category: str | None = None
    department: str | None = None
    status: str | None = None
    min_severity: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    theme_id: str | None = None
    sla: str | None = None
    """`near` or `breached`: unanswered and due within the hour, or past due."""


class OverrideFilter(Frozen):
    """Filters of corrections; None leaves a filter out."""

    case_id: str | None = None
    by: str | None = None
    field: str | None = None
    """Only those that set this: categories, severity, sentiment or department."""
    since: datetime | None = None
    until: datetime | None = None


class ExampleFilter(Frozen):
    """Filters of learned examples; None or empty leaves a filter out."""

    status: str | None = None
    category: str | None = None
    lang: str | None = None
    origin: str | None = None
    case_id: str | None = None
    text: str = ""
    shared: bool | None = None
    """True: only those of every community; False: only the community's own."""


class TermFilter(Frozen):
    """Filters of managed terms; None or empty leaves a filter out."""

    status: str | None = None
    kind: str | None = None
    code: str | None = None
    text: str = ""


class GroupFilter(Frozen):
    """Filters of the list of duplicates; None leaves a filter out."""

    kind: str | None = None
    """exact, near or merged: one of the links of the group is of this kind."""
    min_size: int = 2
    since: datetime | None = None
    """Only groups somebody added to since then."""


class ThemeFilter(Frozen):
    """Filters of theme lists; None leaves a filter out. `min_authors` is the privacy floor."""

    status: ThemeStatus | None = None
    level: ThemeLevel = ThemeLevel.THEME
    min_size: int = 1
    min_growth: float | None = None
    parent_id: str | None = None
    min_authors: int = 1


class Queries(Protocol):
    """Read models. Cursors are opaque; a malformed one raises InvalidInput."""

    async def queue(
        self,
        community: str,
        *,
        kind: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[QueueRow]:
        """Tasks by severity x reach x wait, highest first; undecided ones unless status says."""
        ...

    async def cases(
        self, community: str, where: CaseFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[CaseRow]:
        """Cases, newest first."""
        ...

    async def triages_of(self, case_id: str) -> tuple[Triage, ...]: ...
    async def themes(
        self,
        community: str,
        where: ThemeFilter,
        *,
        now: datetime,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ThemeRow]:
        """Living themes, largest first; `now` ends their trends."""
        ...

    async def theme(self, theme_id: str, *, now: datetime, min_authors: int) -> ThemeView | None:
        """A theme, retired ones too; below the floor without names and samples."""
        ...

    async def theme_runs(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ThemeRunView]:
        """Clusterings, newest first."""
        ...

    async def groups(
        self, community: str, where: GroupFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[DuplicateGroup]:
        """Groups of duplicates, the one whose first case is newest first."""
        ...

    async def group_of(self, case_id: str) -> GroupView | None:
        """The group of a case; None where it stands alone."""
        ...

    async def task(self, task_id: str) -> TaskView | None: ...
    async def task_of_case(self, case_id: str) -> str | None:
        """The newest task of a case."""
        ...

    async def tasks_of_post(self, request_id: str) -> Mapping[str, str]:
        """Draft id to its newest task, of every draft of a post."""
        ...

    async def posts(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PostRequest]: ...
    async def outcomes(
        self, community: str, where: ResultFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PostOutcome]:
        """Posts with results, the one that left last first."""
        ...

    async def deliveries(
        self,
        community: str,
        *,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[DeliveryView]: ...
    async def events(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Event]:
        """Events, the one that began last first."""
        ...

    async def documents(self, community: str) -> tuple[Document, ...]: ...
    async def overrides(
        self,
        community: str,
        where: OverrideFilter,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Override]:
        """Corrections, newest first."""
        ...

    async def examples(
        self, community: str, where: ExampleFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Example]:
        """Learned examples the community is judged by or may be, newest first."""
        ...

    async def bank_terms(
        self, community: str, where: TermFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[BankTerm]:
        """Managed terms of the community and those every community shares, newest first."""
        ...

    async def suggestions(
        self,
        community: str,
        *,
        status: SuggestionStatus | None = None,
        now: datetime,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Suggestion]:
        """Suggested entries of the FAQ, newest first. Postponed ones whose day has come count as
        proposed."""
        ...

    async def samples(
        self,
        community: str,
        *,
        status: SampleStatus | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Sample]:
        """Proposed and decided test cases, newest first."""
        ...

    async def refits(
        self, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Refit]:
        """What learning changed, newest first."""
        ...

    async def evaluations(
        self,
        community: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Evaluation]:
        """Comparisons for the community and for everybody, newest first."""
        ...

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
        """What went into production there or for everybody, newest first."""
        ...

    async def previews(
        self,
        community: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Preview]:
        """Replays of changes on the community's cases, newest first."""
        ...

    async def preview_flips(
        self,
        preview_id: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PreviewFlip]:
        """What a replay found to come out otherwise, the gravest first; `kind` is one of a flip."""
        ...

    async def reports(
        self,
        community: str,
        *,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Report]:
        """Rehearsals, newest first."""
        ...

    async def flips(
        self, report_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Flip]:
        """What a rehearsal would flip, newest cases first."""
        ...

    async def breaches(
        self,
        community: str,
        *,
        kind: str | None = None,
        since: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Breach]:
        """Recorded deadlines that were missed or nearly, newest first."""
        ...

    async def calendar(self, community: str, since: datetime, until: datetime) -> tuple[Entry, ...]:
        """Drafts of posts, and posts without one, by the time they are due."""
        ...

    async def notices(
        self,
        community: str,
        *,
        kind: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Notice]:
        """What was told to the community's own people, newest first."""
        ...

    async def prompt_versions(
        self, template: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PromptVersion]:
        """Versions of a prompt, newest first."""
        ...

    async def prompt_moves(
        self, template: str, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[LabelMove]:
        """Who moved a label of it, for everybody or this community, newest first."""
        ...

    async def prompt_splits(
        self, template: str, community: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[PromptSplit]:
        """Shares its candidate was given, for everybody or this community, newest first."""
        ...

    async def prompt_figures(
        self, template: str, community: str, *, since: datetime
    ) -> tuple[PromptFigures, ...]:
        """What people decided about texts a model wrote from each version since then, newest
        version first."""
        ...

    async def decided(
        self, community: str, *, origin: Origin, since: datetime, limit: int
    ) -> tuple[DecidedText, ...]:
        """Drafts of this origin with the decision that closed them since then, newest first."""
        ...

    async def usage(
        self, where: UsageFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[UsageRow]:
        """What model calls used, summed by group, in the order of its keys."""
        ...

    async def counts(self, community: str | None = None) -> Counts: ...
