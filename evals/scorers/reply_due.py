"""Does triage ask for a reply exactly where a member waits for one."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import TriageAnswer, TriageExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored


@case_scorer("triage", "reply_due")
def reply_due(case: Answered) -> Iterator[Score]:
    """`reply_due`: accuracy where the case says whether a reply is due."""
    sample, expect, answer = unpack(case, TriageExpect, TriageAnswer)
    if expect.reply_due is None:
        yield unscored(sample, "reply_due", "not said whether a reply is due")
    else:
        yield right(sample, "reply_due", answer.reply_due == expect.reply_due)
