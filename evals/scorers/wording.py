"""Does the reply say what it must and nothing it must not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, share, unpack, unscored


@case_scorer("draft", "wording")
def wording(case: Answered) -> Iterator[Score]:
    """`must_say`: share of required phrases present. `must_not_say`: no forbidden one is."""
    sample, expect, answer = unpack(case, DraftExpect, DraftAnswer)
    text = answer.text.casefold()
    if expect.must_say:
        yield share(sample, "must_say", _present(expect.must_say, text), len(expect.must_say))
    else:
        yield unscored(sample, "must_say", "no phrase is required")
    if expect.must_not_say:
        yield right(sample, "must_not_say", _present(expect.must_not_say, text) == 0)
    else:
        yield unscored(sample, "must_not_say", "no phrase is forbidden")


def _present(phrases: Sequence[str], text: str) -> int:
    return sum(phrase.casefold() in text for phrase in phrases)
