"""Are the clauses that answer a question among those found, and first."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import RetrievalAnswer, RetrievalExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored


@case_scorer("retrieval", "passages")
def passages(case: Answered) -> Iterator[Score]:
    """`hit1`, `hit5`: an answering clause ranks first, or in the first five."""
    sample, expect, answer = unpack(case, RetrievalExpect, RetrievalAnswer)
    for metric, depth in (("hit1", 1), ("hit5", 5)):
        if expect.no_answer:
            yield unscored(sample, metric, "no clause answers this")
        else:
            found = bool(set(answer.clauses[:depth]) & set(expect.clauses))
            yield right(sample, metric, found)
