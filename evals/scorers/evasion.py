"""Are disguised texts found like plain ones, and ordinary texts left alone."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import EvasionAnswer, EvasionExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored

PLAIN = "plain"


@case_scorer("evasion", "evasion")
def evasion(case: Answered) -> Iterator[Score]:
    """`plain`: recall on the undisguised texts; `disguised`: on their disguises, which must come
    within five points; `benign`: twins without any finding."""
    sample, expect, answer = unpack(case, EvasionExpect, EvasionAnswer)
    found = expect.code in answer.codes
    plain = PLAIN in sample.tags
    if expect.code is None:
        yield right(sample, "benign", not answer.codes)
    else:
        yield unscored(sample, "benign", "no benign twin")
    for metric, meant in (("plain", plain), ("disguised", not plain)):
        if expect.code is not None and meant:
            yield right(sample, metric, found)
        else:
            yield unscored(sample, metric, f"not {metric}")
