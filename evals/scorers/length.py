"""Is a reply neither empty nor endless."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack

_WRONG = frozenset({"empty", "too_short", "too_long"})


@case_scorer("draft", "length")
def length(case: Answered) -> Iterator[Score]:
    """`length`: within what the product asks for, a quoted clause aside."""
    sample, _, answer = unpack(case, DraftExpect, DraftAnswer)
    yield right(sample, "length", _WRONG.isdisjoint(one.check for one in answer.findings))
