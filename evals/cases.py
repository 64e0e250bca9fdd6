"""Golden cases and the answers the engines gave to them, one pair of types per task."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evals.cases_clauses import ConflictsAnswer, ConflictsExpect
from evals.cases_written import (
    AttacksAnswer,
    AttacksExpect,
    DraftFinding,
    GivenPost,
    PostsAnswer,
    PostsExpect,
)
from service.domain.base import Frozen, Lang
from service.domain.draft import Origin, RefusalKind
from service.domain.support import Conflict, SupportKind
from service.domain.triage import Label, Sentiment

TaskName = Literal[
    "triage",
    "duplicates",
    "themes",
    "retrieval",
    "draft",
    "posts",
    "attacks",
    "severity",
    "evasion",
    "pii",
    "support",
    "conflicts",
]


class TriageExpect(Frozen):
    """What a triage must say. With several categories the first is the leading one, and either
    counts as a right first guess; none at all leaves the category unscored."""

    task: Literal["triage"] = "triage"
    categories: tuple[str, ...] = Field((), max_length=2)
    sentiment: Sentiment | None = None
    min_severity: int | None = Field(None, ge=1, le=4)
    abstain: bool | None = None
    reply_due: bool | None = None

    @model_validator(mode="after")
    def _expects_a_label(self) -> TriageExpect:
        if not self.categories and self.min_severity is None and not self.abstain:
            raise ValueError("a triage case must expect a category, a severity or an abstention")
        if self.categories and self.abstain:
            raise ValueError("a triage case cannot expect a category and an abstention")
        return self


class TriageAnswer(Frozen):
    """What the triage engine said of one text."""

    task: Literal["triage"] = "triage"
    labels: tuple[Label, ...]
    candidates: tuple[Label, ...]
    abstained: bool
    sentiment: Sentiment
    severity: int
    reply_due: bool

    @property
    def best(self) -> Label | None:
        """The leading label, or the best guess of an abstention."""
        ranked = self.labels or self.candidates
        return ranked[0] if ranked else None


PairKind = Literal["exact", "near", "semantic", "different"]


class DuplicatesExpect(Frozen):
    """How another message stands to the case's: the same text, the same words but for fillers, the
    same matter in other words, or another matter however alike it looks."""

    task: Literal["duplicates"] = "duplicates"
    other: str = Field(min_length=1)
    kind: PairKind


class DuplicatesAnswer(Frozen):
    """What the engine says of the two: `different` where it sees no likeness."""

    task: Literal["duplicates"] = "duplicates"
    kind: PairKind
    similarity: float
    reasons: tuple[str, ...] = ()

    @property
    def joined(self) -> bool:
        """Whether the two become one group without a person."""
        return self.kind in ("exact", "near")


class ThemesExpect(Frozen):
    """The matter a message is about, shared with others of the set, or that it is the only one."""

    task: Literal["themes"] = "themes"
    group: str | None = Field(None, min_length=1)
    single: bool = False

    @model_validator(mode="after")
    def _either(self) -> ThemesExpect:
        if (self.group is not None) == self.single:
            raise ValueError("a case of themes names its group or says single, one of the two")
        return self


class ThemesAnswer(Frozen):
    """The theme among all messages, and its id in each of two runs over overlapping parts of them;
    None: in no theme, or not among the messages of that run."""

    task: Literal["themes"] = "themes"
    theme: int | None = None
    weeks: tuple[str | None, str | None]


class RetrievalExpect(Frozen):
    """The clauses that answer a question (any of them), or that none does."""

    task: Literal["retrieval"] = "retrieval"
    clauses: tuple[str, ...] = ()
    no_answer: bool = False

    @model_validator(mode="after")
    def _either(self) -> RetrievalExpect:
        if bool(self.clauses) == self.no_answer:
            raise ValueError("a retrieval case names clauses or says no_answer, one of the two")
        return self


class RetrievalAnswer(Frozen):
    """Clause ids found, best first; `found` is False when none passed the threshold."""

    task: Literal["retrieval"] = "retrieval"
    clauses: tuple[str, ...]
    found: bool
    confidence: float


class DraftExpect(Frozen):
    """What a drafted reply must be: an answer that cites at least one of `cite`, a courteous
    answer without any rule (`cite` empty), or a refusal, which may cite where it helps."""

    task: Literal["draft"] = "draft"
    cite: tuple[str, ...] = ()
    refusal: RefusalKind | None = None
    must_say: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()
    reply_lang: Lang | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> DraftExpect:
        if not (self.cite or self.refusal or self.must_say or self.must_not_say):
            raise ValueError("a draft case must expect citations, a refusal or a wording")
        return self


class DraftAnswer(Frozen):
    """What the drafter wrote and what it saw; `member_pii` is what it must not repeat."""

    task: Literal["draft"] = "draft"
    text: str
    cited: tuple[str, ...]
    context: tuple[str, ...]
    refusal: RefusalKind | None = None
    origin: Origin
    degraded_because: str | None = None
    lang: Lang
    member_pii: tuple[str, ...]
    support: tuple[SupportKind, ...] = ()
    """Of each sentence, in order."""
    findings: tuple[DraftFinding, ...]


class SeverityExpect(Frozen):
    """The least severity a dangerous text must get, or the most a harmless one may get."""

    task: Literal["severity"] = "severity"
    at_least: int | None = Field(None, ge=1, le=4)
    at_most: int | None = Field(None, ge=0, le=3)

    @model_validator(mode="after")
    def _either(self) -> SeverityExpect:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a severity case says at_least or at_most, one of the two")
        return self


class SeverityAnswer(Frozen):
    """How grave the engine took a text to be."""

    task: Literal["severity"] = "severity"
    severity: int


class EvasionExpect(Frozen):
    """The finding a text must give, whatever its disguise; None for a benign twin."""

    task: Literal["evasion"] = "evasion"
    code: str | None = None


class EvasionAnswer(Frozen):
    """Codes of the bank's findings and of the disguises seen through."""

    task: Literal["evasion"] = "evasion"
    codes: tuple[str, ...]
    disguises: tuple[str, ...]


class PiiValue(Frozen):
    """One piece of personal data as it stands in the text."""

    kind: str
    value: str = Field(min_length=1)


class PiiExpect(Frozen):
    """The personal data of a text; none in a hard negative."""

    task: Literal["pii"] = "pii"
    spans: tuple[PiiValue, ...]


class PiiAnswer(Frozen):
    """What the redactor replaced."""

    task: Literal["pii"] = "pii"
    spans: tuple[PiiValue, ...]
    text: str


class SupportPassage(Frozen):
    """A clause; `beside` marks one about another matter, as a search brings some along."""

    lang: Lang
    text: str = Field(min_length=1)
    beside: bool = False


class SupportExpect(Frozen):
    """Whether the clauses say what the sentence says, or it says nothing of rules."""

    task: Literal["support"] = "support"
    passages: tuple[SupportPassage, ...] = Field(min_length=1)
    state: Literal["supported", "unsupported", "courtesy"]


class SupportAnswer(Frozen):
    """What the drafting engine makes of the sentence."""

    task: Literal["support"] = "support"
    kind: SupportKind
    score: float
    conflict: Conflict


Expect = Annotated[
    TriageExpect
    | DuplicatesExpect
    | ThemesExpect
    | RetrievalExpect
    | DraftExpect
    | PostsExpect
    | AttacksExpect
    | SeverityExpect
    | EvasionExpect
    | PiiExpect
    | SupportExpect
    | ConflictsExpect,
    Field(discriminator="task"),
]
Answer = Annotated[
    TriageAnswer
    | DuplicatesAnswer
    | ThemesAnswer
    | RetrievalAnswer
    | DraftAnswer
    | PostsAnswer
    | AttacksAnswer
    | SeverityAnswer
    | EvasionAnswer
    | PiiAnswer
    | SupportAnswer
    | ConflictsAnswer,
    Field(discriminator="task"),
]


class Sample(Frozen):
    """One golden case. `pair` binds the same case in both languages; `tags` name its slices;
    `twin` is the harmless case that looks like it; `drawn` says whether it mirrors what people
    ordinarily write or was sought for being difficult; `passage` is a hostile document that the
    search brings along; `post` a brief to be written. `own` marks a community's case, which stands
    in no figure of the golden ones."""

    id: str = Field(min_length=1)
    pair: str | None = None
    lang: Lang
    text: str = Field(min_length=1)
    category: str | None = None
    passage: str | None = None
    post: GivenPost | None = None
    tags: tuple[str, ...] = ()
    drawn: Literal["random", "hard"] | None = None
    twin: str | None = None
    own: bool = False
    expect: Expect

    @property
    def task(self) -> TaskName:
        """The task this case belongs to."""
        return self.expect.task
