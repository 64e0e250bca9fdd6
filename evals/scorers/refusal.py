"""Does the drafter refuse where no answer may be invented, and only there."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import left_open, right, unpack, unscored


@case_scorer("draft", "refusal")
def refusal(case: Answered) -> Iterator[Score]:
    """`refusal_recall`: refused where it must. `refusal_kind`: for the right reason.
    `answered_when_due`: not refused where a clause answers."""
    sample, expect, answer = unpack(case, DraftExpect, DraftAnswer)
    if expect.refusal is None:
        if left_open(sample, expect):
            yield unscored(sample, "answered_when_due", "not said whether an answer is due")
        else:
            yield right(sample, "answered_when_due", answer.refusal is None)
        yield unscored(sample, "refusal_recall", "an answer is expected")
        yield unscored(sample, "refusal_kind", "an answer is expected")
    else:
        yield unscored(sample, "answered_when_due", "a refusal is expected")
        yield right(sample, "refusal_recall", answer.refusal is not None)
        yield right(sample, "refusal_kind", answer.refusal is expect.refusal)
