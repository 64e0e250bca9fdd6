"""Is the polarity right."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import TriageAnswer, TriageExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored


@case_scorer("triage", "sentiment")
def sentiment(case: Answered) -> Iterator[Score]:
    """`sentiment`: accuracy over negative, neutral and positive; abstention cases are left out."""
    sample, expect, answer = unpack(case, TriageExpect, TriageAnswer)
    if expect.sentiment is None or expect.abstain:
        yield unscored(sample, "sentiment", "no sentiment expected")
    else:
        yield right(sample, "sentiment", answer.sentiment is expect.sentiment)
