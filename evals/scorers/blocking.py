"""How many drafts could be approved with one key, and how many of those should be."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import left_open, right, unpack, unscored
from service.domain.draft import Severity


@case_scorer("draft", "blocking")
def blocking(case: Answered) -> Iterator[Score]:
    """`unblocked`: the drafter's own checks found nothing blocking. `one_key_right`: of those that
    rest on clauses, the ones that cite an answering one."""
    sample, expect, answer = unpack(case, DraftExpect, DraftAnswer)
    blocked = any(finding.severity is Severity.BLOCKING for finding in answer.findings)
    yield right(sample, "unblocked", not blocked)
    if blocked or not answer.cited or left_open(sample, expect):
        yield unscored(sample, "one_key_right", "blocked, or rests on no clause")
    else:
        yield right(sample, "one_key_right", bool(set(answer.cited) & set(expect.cite)))
