"""The database as the flows see it: repositories inside one unit of work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from retrieval.types import Clause, FloatMatrix
from service.domain.account import ApiKey, User
from service.domain.case import Case, CaseText
from service.domain.community import Community
from service.domain.document import Document
from service.domain.duplicates import DuplicateLink, Pair, in_force
from service.domain.llm import LLMCall
from service.domain.message import Message
from service.domain.triage import Triage
from service.ports.approvals import Approvals
from service.ports.bank import BankTerms, Reveals
from service.ports.calendar import Calendar
from service.ports.changes import Changes
from service.ports.desk import Drafts, Outbox, Posts, Reviews
from service.ports.drift import DriftStore
from service.ports.evaluations import Evaluations, Promotions
from service.ports.events import Events
from service.ports.jobs import JobQueue
from service.ports.knowledge import Knowledge
from service.ports.labelling import Labels
from service.ports.learning import Examples, Overrides, Refits, Versions
from service.ports.previews import Previews
from service.ports.prompts import PromptStore
from service.ports.radar import Pulses, RadarStore
from service.ports.results import Results
from service.ports.routing import Deadlines, Reports, Routing
from service.ports.samples import Samples
from service.ports.spending import Spending
from service.ports.spot import SpotChecks
from service.ports.themes import Themes


class CaseKey(NamedTuple):
    """Where an author's request may continue."""

    author: str
    source: str
    channel: str
    thread: str | None


class StoredResponse(NamedTuple):
    """An answer kept for an Idempotency-Key."""

    body_hash: str
    status: int
    body: str


class VectorRows(NamedTuple):
    """Vectors of one kind; row i belongs to ids[i]."""

    ids: tuple[str, ...]
    vectors: FloatMatrix


class Net(NamedTuple):
    """Cases that hang together, with everything found and said of them; `pairs` are in force."""

    cases: frozenset[str]
    found: frozenset[Pair]
    links: tuple[DuplicateLink, ...]

    @property
    def pairs(self) -> frozenset[Pair]:
        """The links that hold."""
        return in_force(self.found, self.links)


class Communities(Protocol):
    """Communities by id."""

    async def get(self, community_id: str) -> Community | None: ...
    async def by_feed(self, feed_hash: str) -> Community | None: ...
    async def all(self) -> tuple[Community, ...]: ...
    async def save(self, community: Community) -> None:
        """Insert or replace."""
        ...


class Messages(Protocol):
    """Messages as received."""

    async def known(
        self, community: str, refs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Message]:
        """Stored messages among (source, external_id) pairs."""
        ...

    async def add(self, messages: Sequence[Message]) -> None:
        """Append; a row that exists already (same source and external id) is left as it is."""
        ...


class Cases(Protocol):
    """Cases and their texts."""

    async def lock(self, community: str) -> None:
        """Hold the community's ingest lock until the transaction ends."""
        ...

    async def latest(self, community: str, keys: Collection[CaseKey]) -> Mapping[CaseKey, Case]:
        """The newest case of each key."""
        ...

    async def save(self, cases: Iterable[Case]) -> None:
        """Insert or replace."""
        ...

    async def texts(self, case_ids: Collection[str]) -> Mapping[str, CaseText]:
        """Cases with their messages in order of sending."""
        ...


class Triages(Protocol):
    """Append-only triages."""

    async def add(self, triages: Sequence[Triage]) -> None:
        """Append; a second triage of the same case and size by the same engine is ignored."""
        ...

    async def get(self, triage_id: str) -> Triage | None: ...
    async def latest(self, case_ids: Collection[str]) -> Mapping[str, Triage]:
        """The newest triage of each case."""
        ...

    async def redacted(self, case_ids: Collection[str]) -> Mapping[str, str]:
        """The redacted text of each case as its newest triage has it."""
        ...

    async def before(
        self, case: Case, *, since: datetime, limit: int
    ) -> tuple[tuple[str, Triage], ...]:
        """Author and newest triage of cases opened after `since` and before this one, in its
        thread or by its author in its channel, nothing of them withdrawn; the last `limit`, oldest
        first."""
        ...

    async def first_with_hash(self, community: str, hashes: Collection[str]) -> Mapping[str, str]:
        """Content hash to the earliest case that carries it."""
        ...

    async def pending(self, limit: int) -> tuple[tuple[str, str], ...]:
        """(community, case id) of cases whose newest messages no triage has seen, oldest first."""
        ...


class Duplicates(Protocol):
    """What people say of duplicates, and the groups that follow."""

    async def lock(self, community: str) -> None:
        """Hold the community's groups until the transaction ends."""
        ...

    async def add(self, links: Sequence[DuplicateLink]) -> None:
        """Append what a person said; the engine's own link of such a pair counts no more."""
        ...

    async def net(self, case_ids: Collection[str]) -> Net:
        """Everything that hangs together with these cases."""
        ...

    async def settle(self, case_ids: Collection[str]) -> frozenset[str]:
        """Work out the groups of these cases again; every case they now hold."""
        ...


class Vectors(Protocol):
    """Vectors as the database keeps them; the index is rebuilt from here.

    Kinds: `clause` (id `<clause id>`), `case` (id `<case id>`).
    """

    async def put(
        self,
        community: str,
        kind: str,
        ids: Sequence[str],
        vectors: FloatMatrix,
        *,
        fingerprint: str,
        hashes: Sequence[str],
    ) -> None:
        """Insert or replace; `hashes[i]` is the content hash of the text behind row i."""
        ...

    async def load(
        self, community: str, kind: str, *, ids: Collection[str] | None = None
    ) -> VectorRows:
        """Rows in insertion order; `ids` None loads all of the kind."""
        ...

    async def hashes(self, community: str, kind: str) -> Mapping[str, tuple[str, str]]:
        """id to (fingerprint, content hash)."""
        ...

    async def count(self, community: str, kind: str) -> int:
        """How many vectors there are."""
        ...

    async def fingerprints(self) -> frozenset[str]:
        """Every fingerprint present."""
        ...

    async def remove(self, community: str, kind: str, ids: Collection[str]) -> None: ...


class Documents(Protocol):
    """Documents under version and their clauses."""

    async def add_version(self, document: Document, clauses: Sequence[Clause]) -> None:
        """Store a version, live or staged. What is staged under its slug is discarded; a live one
        supersedes the live one."""
        ...

    async def staged(self, community: str, slug: str) -> Document | None: ...
    async def publish(self, document: Document) -> None:
        """A staged version becomes live; the live one of its slug is superseded."""
        ...

    async def discard(self, community: str, slug: str) -> bool:
        """Whether a staged version was discarded."""
        ...

    async def live(self, community: str, slug: str) -> Document | None: ...
    async def list(self, community: str, *, history: bool = False) -> tuple[Document, ...]: ...
    async def clauses_of(self, document_id: str) -> tuple[Clause, ...]: ...
    async def retire(self, community: str, slug: str) -> bool:
        """Whether a live version was retired."""
        ...

    async def live_clauses(self, community: str) -> tuple[Clause, ...]: ...
    async def corpus_version(self, community: str) -> str:
        """Changes whenever the set of live clauses changes."""
        ...


class LLMCalls(Protocol):
    """Audit rows."""

    async def add(self, call: LLMCall) -> None:
        """Append; what it used is added to its day, what was reserved for it is free again."""
        ...

    async def count(self, community: str, feature: str, since: datetime) -> int:
        """Calls of a feature since then, failed ones included."""
        ...


class Accounts(Protocol):
    """Users and API keys."""

    async def user(self, user_id: str) -> User | None: ...
    async def user_by_name(self, name: str) -> User | None: ...
    async def users(self) -> tuple[User, ...]: ...
    async def save_user(self, user: User) -> None: ...
    async def key_by_prefix(self, prefix: str) -> ApiKey | None: ...
    async def keys(self) -> tuple[ApiKey, ...]: ...
    async def save_key(self, key: ApiKey) -> None: ...
    async def issue_login_token(self, token_hash: str, user_id: str, expires: datetime) -> None: ...
    async def use_login_token(self, token_hash: str, now: datetime) -> str | None:
        """The user id, once; None when unknown, used or expired."""
        ...


class Idempotency(Protocol):
    """Answers kept for retried writes; rows older than a day may be cleared."""

    async def get(self, actor: str, key: str) -> StoredResponse | None: ...
    async def put(self, actor: str, key: str, response: StoredResponse, at: datetime) -> None: ...


class UnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit` rolls back."""

    communities: Communities
    messages: Messages
    cases: Cases
    triages: Triages
    duplicates: Duplicates
    vectors: Vectors
    documents: Documents
    themes: Themes
    drafts: Drafts
    reviews: Reviews
    outbox: Outbox
    posts: Posts
    llm_calls: LLMCalls
    spending: Spending
    accounts: Accounts
    idempotency: Idempotency
    versions: Versions
    overrides: Overrides
    examples: Examples
    refits: Refits
    pulses: Pulses
    radar: RadarStore
    routing: Routing
    reports: Reports
    approvals: Approvals
    bank: BankTerms
    calendar: Calendar
    results: Results
    changes: Changes
    knowledge: Knowledge
    samples: Samples
    reveals: Reveals
    events: Events
    deadlines: Deadlines
    prompts: PromptStore
    evaluations: Evaluations
    promotions: Promotions
    previews: Previews
    labels: Labels
    drift: DriftStore
    spots: SpotChecks
    jobs: JobQueue

    async def commit(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class UowFactory(Protocol):
    """Opens units of work."""

    def __call__(self) -> UnitOfWork: ...
