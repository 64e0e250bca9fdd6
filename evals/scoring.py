"""Small makers of scores, so that a scorer says only what it judges."""

from __future__ import annotations

from typing import TypeVar

from evals.cases import (
    DraftAnswer,
    DraftExpect,
    DuplicatesAnswer,
    DuplicatesExpect,
    EvasionAnswer,
    EvasionExpect,
    PiiAnswer,
    PiiExpect,
    RetrievalAnswer,
    RetrievalExpect,
    Sample,
    SeverityAnswer,
    SeverityExpect,
    SupportAnswer,
    SupportExpect,
    ThemesAnswer,
    ThemesExpect,
    TriageAnswer,
    TriageExpect,
)
from evals.cases_clauses import ConflictsAnswer, ConflictsExpect
from evals.cases_written import AttacksAnswer, AttacksExpect, PostsAnswer, PostsExpect
from evals.model import Score
from evals.registry import Answered

E = TypeVar(
    "E",
    TriageExpect,
    DuplicatesExpect,
    ThemesExpect,
    RetrievalExpect,
    DraftExpect,
    PostsExpect,
    AttacksExpect,
    SeverityExpect,
    EvasionExpect,
    PiiExpect,
    SupportExpect,
    ConflictsExpect,
)
A = TypeVar(
    "A",
    TriageAnswer,
    DuplicatesAnswer,
    ThemesAnswer,
    RetrievalAnswer,
    DraftAnswer,
    PostsAnswer,
    AttacksAnswer,
    SeverityAnswer,
    EvasionAnswer,
    PiiAnswer,
    SupportAnswer,
    ConflictsAnswer,
)


def right(sample: Sample, metric: str, is_right: bool) -> Score:
    """1 when right, 0 when wrong."""
    return Score(sample_id=sample.id, metric=metric, value=float(is_right))


def share(sample: Sample, metric: str, part: int, whole: int) -> Score:
    """A share of `whole`, which must not be 0."""
    return Score(sample_id=sample.id, metric=metric, value=part / whole)


def unscored(sample: Sample, metric: str, reason: str) -> Score:
    """No value, with the reason."""
    return Score(sample_id=sample.id, metric=metric, unscored=reason)


def unpack(case: Answered, expects: type[E], answers: type[A]) -> tuple[Sample, E, A]:
    """The parts of a case, typed.

    Raises:
        TypeError: the case is of another task than the scorer.
    """
    sample, answer = case
    if not isinstance(sample.expect, expects) or not isinstance(answer, answers):
        raise TypeError(f"{sample.id} is no case of this scorer's task")
    return sample, sample.expect, answer


def left_open(sample: Sample, expect: DraftExpect) -> bool:
    """Whether a community's case says how a reply is worded, and not what it must rest on."""
    return sample.own and not expect.cite and expect.refusal is None
