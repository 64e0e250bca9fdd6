"""Frozen values of an evaluation: outputs, scores, figures, runs, comparisons, verdicts."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from evals.cases import Answer, Sample, TaskName
from evals.judged import JudgeWords
from evals.usage import Usage, together
from service.domain.base import Frozen, Instant

HARNESS = "harness: "
"""Begins the reason of a score that is missing because the harness lost the case."""

OVERALL = "all"
"""Name of the slice that holds every case."""


State = Literal["pass", "fail", "inconclusive"]
CheckKind = Literal["bar", "gap", "regression", "completeness", "judge"]
EXIT_CODES: dict[State, int] = {"pass": 0, "fail": 1, "inconclusive": 3}


OWN = "own"
"""Name of the slice that holds a community's own cases."""


def is_whole(slice_name: str) -> bool:
    """Whether a slice is all cases or all of a language, not some kind of case."""
    return slice_name == OVERALL or slice_name.startswith("lang:")


class FailureKind(StrEnum):
    """Whose fault it is that there is no answer."""

    ENGINE = "engine"
    HARNESS = "harness"


class Failure(Frozen):
    """Why a case has no answer: the engine failed, or the harness could not ask it."""

    kind: FailureKind
    message: str


class Output(Frozen):
    """What came of asking the engine about one case: an answer or a failure."""

    sample_id: str
    answer: Answer | None = None
    failure: Failure | None = None
    seconds: float = Field(0.0, ge=0, description="Share of the time its chunk took.")
    usage: Usage | None = Field(None, description="What it took of a model; None: none was asked.")

    @model_validator(mode="after")
    def _either(self) -> Output:
        if (self.answer is None) == (self.failure is None):
            raise ValueError("an output holds an answer or a failure, one of the two")
        return self


class Score(Frozen):
    """One measure on one case: a value in 0..1, or unscored with the reason. Never both."""

    sample_id: str
    metric: str
    value: float | None = Field(None, ge=0, le=1)
    unscored: str | None = None

    @model_validator(mode="after")
    def _either(self) -> Score:
        if (self.value is None) == (self.unscored is None):
            raise ValueError("a score holds a value or the reason why there is none")
        return self


class Figure(Frozen):
    """A measure over a slice, with a 95 % interval where cases allow one.

    `value` is None when no case could be scored; that is not zero.
    """

    metric: str
    slice: str = OVERALL
    value: float | None = None
    n: int = Field(ge=0)
    low: float | None = None
    high: float | None = None
    unscored: int = Field(0, ge=0)


class Manifest(Frozen):
    """What made a run, enough for another person to repeat it."""

    id: str
    task: TaskName
    started_at: Instant
    seed: int
    repeats: int = Field(1, ge=1, description="Times each case is asked where a model writes.")
    git_revision: str | None = None
    git_dirty: bool | None = None
    dataset: str
    dataset_hash: str
    sample_ids: tuple[str, ...]
    foreign: tuple[str, ...] = Field((), description="Own cases left out: no such clause here.")
    settings: dict[str, str]
    versions: dict[str, str]
    templates: dict[str, str] = Field({}, description="Prompt id to version and hash.")
    documents: dict[str, str] = Field({}, description="Rule document to the hash of its file.")
    thresholds: dict[str, float] = Field({}, description="Limits people set.")
    libraries: dict[str, str] = Field({}, description="Installed versions that matter.")


class EvalRun(Frozen):
    """One task over one dataset: cases, outputs and, once scored, scores and figures.

    `repeats` are the outputs of the same cases asked again, one entry a repeat after the first.
    """

    manifest: Manifest
    samples: tuple[Sample, ...]
    outputs: tuple[Output, ...]
    repeats: tuple[tuple[Output, ...], ...] = ()
    asked: int = Field(0, ge=0, description="Questions to a model.")
    kept: int = Field(0, ge=0, description="Those answered from the cache.")
    scores: tuple[Score, ...] = ()
    figures: tuple[Figure, ...] = ()
    judged: tuple[JudgeWords, ...] = ()
    seconds: float = 0.0

    @property
    def usage(self) -> Usage | None:
        """What all answers took of a model; None where none was asked, or none was noted."""
        return together(one.usage for outputs in (self.outputs, *self.repeats) for one in outputs)

    def figure(self, metric: str, slice_name: str = OVERALL) -> Figure | None:
        """The figure of a metric on a slice, if the run has it."""
        wanted = (metric, slice_name)
        return next((f for f in self.figures if (f.metric, f.slice) == wanted), None)


class Delta(Frozen):
    """Candidate minus baseline on the cases both scored, with a 95 % paired interval.

    `p` is McNemar's exact two-sided p for right/wrong measures, else None; `fall` is the one-sided
    p that the candidate is so much worse by chance, for every measure.
    """

    metric: str
    slice: str
    baseline: float
    candidate: float
    difference: float
    low: float
    high: float
    p: float | None
    fall: float
    n: int

    @property
    def whole(self) -> bool:
        """Whether it is over all cases or all of a language."""
        return is_whole(self.slice)

    @property
    def own(self) -> bool:
        """Whether it is over a community's own cases, which are tested case by case."""
        return self.slice == OWN


class CaseChange(Frozen):
    """A case whose value changed between two runs."""

    sample_id: str
    metric: str
    baseline: float
    candidate: float


class Comparison(Frozen):
    """Two runs of one task beside each other."""

    task: TaskName
    baseline: str
    candidate: str
    shared: int
    only_baseline: int
    only_candidate: int
    deltas: tuple[Delta, ...]
    regressions: tuple[CaseChange, ...]
    improvements: tuple[CaseChange, ...]


class Check(Frozen):
    """One condition of the gate and how it stood."""

    task: TaskName
    kind: CheckKind
    name: str
    state: State
    detail: str


class Verdict(Frozen):
    """The gate's word over all tasks, with every condition behind it. `ignored` names the judges
    whose measures are shown and not counted, and why."""

    state: State
    checks: tuple[Check, ...]
    ignored: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 only for a pass: what is not proven does not go live."""
        return EXIT_CODES[self.state]
