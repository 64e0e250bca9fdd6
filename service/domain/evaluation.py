"""Comparisons of a change with what is in production, and what went past the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from service.domain.base import Frozen, Instant

SHORTEST_REASON = 10
LONGEST_REASON = 500
"""Characters an administrator gives to go past the gate."""


OWN_FOLDER = "own"
"""Folder of a trial's files with a community's own test cases."""

AGREEMENT_FILE = "agreement.json"
"""File of a trial with how far judges agree with people."""


class SubjectKind(StrEnum):
    """What moves to production only past the gate."""

    PROMPT = "prompt"
    TAXONOMY = "taxonomy"
    BANK = "bank"
    THRESHOLDS = "thresholds"
    RULES = "rules"


class EvaluationStatus(StrEnum):
    """Where a comparison stands. `failed` says nothing about the change."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self in (EvaluationStatus.DONE, EvaluationStatus.FAILED)


class EvaluationVerdict(StrEnum):
    """What a comparison came to; only `pass` opens the gate."""

    PASS = "pass"  # noqa: S105 a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Subject(Frozen):
    """What changes, and for whom; `name` is a prompt's id or a document's slug, `community` None
    means everybody."""

    kind: SubjectKind
    name: str = ""
    community: str | None = None


class Trial(Frozen):
    """What a comparison needs: a subject, both hashes, and the files it is made from.

    `files` are texts by relative path; `candidate` is the path of the changed one (or of a folder),
    all below `production/` are what it is compared with, all below `own/` test cases of those it
    is for, `agreement.json` whom they trust to judge. `version` is what people call it.
    """

    subject: Subject
    version: str = ""
    candidate_hash: str
    baseline_hash: str
    candidate: str
    files: Mapping[str, str]


class Difference(Frozen):
    """A measure before and after; the interval is of the difference."""

    baseline: float
    candidate: float
    low: float
    high: float
    n: int


class WorseCase(Frozen):
    """A golden case the change does worse on."""

    task: str
    case: str
    metric: str
    baseline: float
    candidate: float


class Findings(Frozen):
    """What a comparison found. Keys of `figures` are `task.measure[slice]`."""

    verdict: EvaluationVerdict
    reasons: tuple[str, ...] = ()
    figures: Mapping[str, Difference] = Field(default_factory=dict)
    regressions: tuple[WorseCase, ...] = ()
    cases: Mapping[str, int] = Field(default_factory=dict, description="Cases asked, by task.")
    revision: str | None = Field(None, description="Revision of the suite.")
    writer: str = Field("", description="Who wrote the drafts, where there were any.")


class Evaluation(Frozen):
    """One comparison. Once done or failed it never changes; another try is another one."""

    id: str
    kind: SubjectKind
    name: str
    community: str | None
    version: str
    candidate_hash: str
    baseline_hash: str
    status: EvaluationStatus
    findings: Findings | None = None
    failure: str = Field("", description="Why it could not be carried out.")
    requested_by: str
    created_at: Instant
    started_at: Instant | None = None
    finished_at: Instant | None = None

    @property
    def verdict(self) -> EvaluationVerdict | None:
        """None until it is done."""
        return self.findings.verdict if self.findings else None


class Basis(StrEnum):
    """Why a change was let into production. `unproven`: the gate only advises there. `first`: there
    was nothing to compare with. `returned`: it was in production before."""

    PASS = "pass"  # noqa: S105 a verdict
    OVERRIDE = "override"
    UNPROVEN = "unproven"
    SHIPPED = "shipped"
    FIRST = "first"
    RETURNED = "returned"


class Promotion(Frozen):
    """A change went into production; appended."""

    id: str
    kind: SubjectKind
    name: str
    community: str | None
    version: str
    candidate_hash: str
    baseline_hash: str
    basis: Basis
    evaluation_id: str | None
    reason: str = Field("", description="An administrator's, for an override.")
    by: str
    created_at: Instant


class Crossing(NamedTuple):
    """A change that wants to go into production now. `override` is why it should without a passing
    comparison; who may say so was checked before. `content` is kept where nothing else keeps it.
    `policy` is what holds for this change, where that is not the one of its kind; with a `basis` it
    is let in and noted without being asked about."""

    subject: Subject
    version: str
    candidate_hash: str
    baseline_hash: str
    by: str
    override: str = ""
    content: str | None = None
    policy: str = ""
    basis: Basis | None = None


class Part(Frozen):
    """A taxonomy or a set of limits, whole. `problem` is why a configured one cannot be used; it
    has no hash and no content then."""

    kind: SubjectKind
    hash: str = ""
    content: str = ""
    shipped: bool = Field(False, description="Whether it is this release's own.")
    problem: str = ""


class Stand(StrEnum):
    """How what is configured stands to what is in force.

    `passed`: the next start or one move puts it in force. `before`: it was in force before; a
    person brings it back without a comparison. `held`: it was not compared, or did not pass.
    `broken`: it cannot be used. `unfit`: this release cannot use what is in force; its own takes
    the place.
    """

    IN_FORCE = "in_force"
    PASSED = "passed"
    BEFORE = "before"
    HELD = "held"
    BROKEN = "broken"
    UNFIT = "unfit"


class ForceState(Frozen):
    """What a file or a setting says, and what is in force. `promotion` is how the latter came in,
    `evaluation` the comparison of the former with it."""

    kind: SubjectKind
    hash: str = Field(description="Of what is configured.")
    in_force: str = Field(description="Hash of what is in force, for every process.")
    policy: str
    accepted: bool = Field(description="Whether both are the same.")
    stand: Stand
    problem: str = Field("", description="Why what is configured cannot be used.")
    remedy: str = ""
    promotion: Promotion | None
    evaluation: Evaluation | None


def crossing_of(trial: Trial, by: str, override: str = "") -> Crossing:
    """The change of a trial, at the gate."""
    return Crossing(
        trial.subject, trial.version, trial.candidate_hash, trial.baseline_hash, by, override
    )


def standing(found: Sequence[Evaluation]) -> Evaluation | None:
    """The comparison that counts, of several of the same hashes, newest first: the newest one that
    came to pass or fail."""
    decided = (EvaluationVerdict.PASS, EvaluationVerdict.FAIL)
    return next((one for one in found if one.verdict in decided), None)
