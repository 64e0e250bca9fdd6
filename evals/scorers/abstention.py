"""Does triage keep silent where nothing can be said, and only there."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import TriageAnswer, TriageExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored


@case_scorer("triage", "abstention")
def abstention(case: Answered) -> Iterator[Score]:
    """`abstain_recall` on cases without a category; `abstain_precision` on abstentions."""
    sample, expect, answer = unpack(case, TriageExpect, TriageAnswer)
    if not expect.abstain and not expect.categories:
        yield unscored(sample, "abstain_recall", "the category is left open")
        yield unscored(sample, "abstain_precision", "the category is left open")
        return
    if expect.abstain:
        yield right(sample, "abstain_recall", answer.abstained)
    else:
        yield unscored(sample, "abstain_recall", "a category is expected")
    if answer.abstained:
        yield right(sample, "abstain_precision", bool(expect.abstain))
    else:
        yield unscored(sample, "abstain_precision", "the engine did not abstain")
