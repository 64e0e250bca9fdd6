"""What the flows ask of the engines; the engines hold no I/O of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from retrieval.types import FloatMatrix, FloatVector, Retrieval
from service.domain.alert import Reading, Series
from service.domain.base import Bilingual, Frozen, Lang
from service.domain.case import CaseText
from service.domain.community import Community
from service.domain.draft import (
    ApprovedAnswer,
    Background,
    Composition,
    DraftContext,
    Fact,
    Finding,
    NumberLink,
    TemplateRef,
)
from service.domain.duplicates import Likeness
from service.domain.llm import ChatReply, ChatRequest
from service.domain.post import PostBrief, PostVariant
from service.domain.post_kind import ChannelFormat, PostKind
from service.domain.refit import Comparison
from service.domain.report import Candidate as EngineCandidate
from service.domain.support import SupportLedger
from service.domain.taxonomy import LabelledExample, Taxonomy
from service.domain.text import Redacted
from service.domain.theme import Theme
from service.domain.triage import DuplicateOf, Judgement
from service.ports.models import ChatModel, OnDelta


class Judged(NamedTuple):
    """A judgement with the text's vector (shape (dim,)) and the hash of its normalised form."""

    judgement: Judgement
    vector: FloatVector
    content_hash: str


class Candidate(NamedTuple):
    """An earlier case that may say the same; `text` is redacted, `similarity` is cosine."""

    case_id: str
    text: str
    similarity: float


class Side(NamedTuple):
    """A case to be compared; `vector` is its text's, shape (dim,)."""

    case_id: str
    judgement: Judgement
    vector: FloatVector


class Redactor(Protocol):
    """The one choke point for personal data."""

    def redact(self, text: str) -> Redacted: ...


class Triager(Protocol):
    """Judges texts. Blocking: run it in a thread."""

    @property
    def taxonomy(self) -> Taxonomy: ...

    def judge(self, texts: Sequence[str], at: Sequence[datetime]) -> tuple[Judged, ...]:
        """Judge raw texts; redaction comes first, then signals, vectors, heads.

        Args:
            at: when each was last sent, for the due time.

        Raises:
            EmbedderUnavailable: no vectors now; the caller retries later.
        """
        ...

    def duplicate(self, redacted: str, candidates: Sequence[Candidate]) -> DuplicateOf | None:
        """The best earlier case that says the same, exact before near, or None."""
        ...

    def likeness(self, one: Side, others: Sequence[Side]) -> tuple[Likeness | None, ...]:
        """How each of the others resembles the one; None where it does not say the same."""
        ...


class HeadComparer(Protocol):
    """Measures what other examples do to the category head. Blocking: run it in a thread."""

    def compare(
        self, before: Sequence[LabelledExample], after: Sequence[LabelledExample]
    ) -> Comparison:
        """Both sets on the texts they share, each judged without itself.

        Raises:
            EmbedderUnavailable: no vectors now; the caller retries later.
        """
        ...


class Engines(Protocol):
    """Triage engines in force; what is learned or edited is taken up without a restart."""

    async def of(self, community: str | None, *, patient: bool = False) -> Triager:
        """The engine that judges this community's texts now; None: what holds everywhere.

        Cheap to call for every chunk. Building happens in a thread; meanwhile an earlier engine
        of this community is handed out, if there is one, unless the caller is patient.

        Raises:
            EmbedderUnavailable: the first engine cannot be built now.
        """
        ...


class Labeller(Protocol):
    """Labels with a language model what the heads leave open."""

    def due(self, judgement: Judgement) -> bool:
        """Whether the model is to be asked about this."""
        ...

    async def label(
        self, judgement: Judgement, *, community: Community, at: datetime, chat: ChatModel
    ) -> Judgement | None:
        """The judgement with the model's labels, each with its quote and no confidence; None where
        no category fits or two answers could not be used: then it stays with a person.

        Severity, due time and whether a reply is due never give way to the model.

        Args:
            at: when the case was last written to.

        Raises:
            TransientProviderError: the model is away.
        """
        ...


class CandidateEngines(Protocol):
    """Engines that are not in force, for rehearsals."""

    def check(self, candidate: EngineCandidate) -> None:
        """Read the candidate's files. Blocking.

        Raises:
            InvalidInput: naming the entry that cannot be used.
        """
        ...

    async def build(self, community: str, candidate: EngineCandidate) -> Triager:
        """What the community has in force, with the candidate's parts in place.

        Raises:
            InvalidInput, EmbedderUnavailable.
        """
        ...


class Cluster(Frozen):
    """One theme found: `members` are row numbers with their similarity to the centre."""

    members: tuple[int, ...]
    similarities: tuple[float, ...]
    name: Bilingual
    keywords_zh: tuple[str, ...]
    keywords_en: tuple[str, ...]
    group: int = 0
    """Number of the wider topic it belongs to; largest topics first."""


class ThemeFrame(NamedTuple):
    """Where the themes of one clustering lie: enough to place later texts.

    `means` are those of `features.Centre`, shape (3, dim); `centres` are unit vectors, shape
    (themes, dim); `reaches` the least similarity of a text that belongs, shape (themes,).
    """

    means: FloatMatrix
    centres: FloatMatrix
    reaches: FloatVector


class Clustering(NamedTuple):
    """Clusters, largest first, and where they lie; rows in none of them are unclustered."""

    clusters: tuple[Cluster, ...]
    frame: ThemeFrame


class Placed(NamedTuple):
    """A theme's number in its frame, and the similarity to its centre."""

    theme: int
    similarity: float


class ThemeFinder(Protocol):
    """Clusters texts. Blocking: run it in a thread."""

    def cluster(self, texts: Sequence[str], vectors: FloatMatrix) -> Clustering:
        """Cluster redacted texts, one vector a row."""
        ...

    def place(
        self, frame: ThemeFrame, texts: Sequence[str], vectors: FloatMatrix
    ) -> tuple[Placed | None, ...]:
        """The nearest theme of each text, None where all are too far."""
        ...


class Watcher(Protocol):
    """Finds what stands out. Blocking for tens of milliseconds: run it in a thread."""

    def scan(self, series: Sequence[Series], zone: str) -> tuple[Reading, ...]:
        """A reading of each series at its end, in the order given; `zone` is an IANA name."""
        ...


class ThemeWords(NamedTuple):
    """What a model calls a theme, and one sentence on it."""

    name: Bilingual
    summary: Bilingual


class ThemeTeller(Protocol):
    """Asks for the name of a theme and reads the answer."""

    async def ready(self) -> None:
        """Take up prompts that were changed. Cheap; call it before asking."""
        ...

    def ask(self, theme: Theme, samples: Sequence[str], lang: Lang) -> tuple[ChatRequest, str]:
        """The request, and what names the template; samples are redacted."""
        ...

    def read(self, reply: ChatReply) -> ThemeWords | None:
        """None where the answer cannot be used."""
        ...


class ContextInput(NamedTuple):
    """What a reply's context is assembled from."""

    context_id: str
    community: Community
    case: CaseText
    judgement: Judgement
    retrieval: Retrieval
    titles: Mapping[str, str]
    """document id to title."""
    instruction: str
    created_at: datetime
    background: Background = Background()
    """More than may fit; most relevant is kept."""
    template: TemplateRef | None = None
    """Version of the prompt to use; None: the one in force."""


class PostInput(NamedTuple):
    """What a post's context is assembled from."""

    context_id: str
    community: Community
    request_id: str
    brief: PostBrief
    redacted_points: Redacted
    retrieval: Retrieval
    titles: Mapping[str, str]
    facts: tuple[Fact, ...]
    instruction: str
    created_at: datetime
    variant: PostVariant = PostVariant(format=ChannelFormat.LONG)


class PostKindSet(Protocol):
    """The kinds of posts there are."""

    def __iter__(self) -> Iterator[PostKind]: ...

    def get(self, kind_id: str) -> PostKind:
        """The kind with this id.

        Raises:
            NotFound: there is none.
        """
        ...

    def weighty(self, kind_id: str) -> bool:
        """Whether such posts need a second person whatever the policy says."""
        ...


class Drafter(Protocol):
    """Assembles contexts, composes texts and checks them."""

    @property
    def post_kinds(self) -> PostKindSet: ...

    def accept(self, brief: PostBrief, zone: ZoneInfo) -> PostBrief:
        """The brief in normal form, read against its kind.

        Args:
            zone: of the community; times without an offset are its own.

        Raises:
            NotFound: no such kind.
            InvalidInput: `details` name the field and the problem.
        """
        ...

    def reply_context(self, given: ContextInput) -> DraftContext: ...
    def post_context(self, given: PostInput) -> DraftContext: ...

    async def compose(
        self, context: DraftContext, chat: ChatModel | None, *, on_delta: OnDelta | None = None
    ) -> Composition:
        """Write with the model; without one, or when it fails, the rule-grounded template.

        Never raises for a provider's failure: the composition says why it degraded.
        """
        ...

    def reuse(
        self, context: DraftContext, answer: ApprovedAnswer
    ) -> tuple[DraftContext, Composition] | None:
        """An approved answer for this case, and the context with the clauses it cites; None where
        it would carry over what belongs to the other member, or a person must look anew."""
        ...

    async def support(
        self, context: DraftContext, composition: Composition, chat: ChatModel | None
    ) -> SupportLedger:
        """What each sentence rests on; a model, if given, is asked once about those in doubt.

        Never raises for a provider's or the embedder's failure: what could not be compared stays
        uncertain.
        """
        ...

    def check(
        self, context: DraftContext, composition: Composition, support: SupportLedger | None = None
    ) -> tuple[Finding, ...]:
        """Findings on a composed text; also used on a person's edit. Without a ledger nothing is
        said of support."""
        ...

    def numbers(self, context: DraftContext, text: str) -> tuple[NumberLink, ...]:
        """Which numbers of a text are which facts of its context."""
        ...

    def template_for(
        self, kind: str, name: str, lang: Lang,
        *, community: str | None = None, case: str | None = None,
    ) -> TemplateRef:  # fmt: skip
        """The template that would be used.

        Raises:
            NotFound: there is none for this kind and name.
        """
        ...

    def prompt(self, context: DraftContext) -> ChatRequest:
        """What a stored context asks of a model, byte for byte as it was asked then.

        Raises:
            Conflict: the text it was frozen with is gone.
        """
        ...

    async def ready(self) -> None:
        """Take up prompts that were changed. Cheap; call it before a context is made, or an old
        one is checked or rendered."""
        ...


class RuleSearch(Protocol):
    """Finds the clauses that answer a text."""

    async def search(self, community: str, text: str) -> Retrieval:
        """Search the live clauses; `text` must be redacted.

        Raises:
            TransientProviderError: the embedder is not available.
        """
        ...

    async def titles(self, community: str) -> Mapping[str, str]:
        """Document id to title, of live documents."""
        ...
