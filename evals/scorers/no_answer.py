"""Does retrieval say "no rule found" where none fits, and only there."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import RetrievalAnswer, RetrievalExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored


@case_scorer("retrieval", "no_answer")
def no_answer(case: Answered) -> Iterator[Score]:
    """`none_recall` on questions without a rule; `none_precision` on answers "no rule found"."""
    sample, expect, answer = unpack(case, RetrievalExpect, RetrievalAnswer)
    if expect.no_answer:
        yield right(sample, "none_recall", not answer.found)
    else:
        yield unscored(sample, "none_recall", "a clause answers this")
    if answer.found:
        yield unscored(sample, "none_precision", "the engine found a rule")
    else:
        yield right(sample, "none_precision", expect.no_answer)
