"""Are clauses that cannot both hold found, and only those."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases_clauses import ConflictsAnswer, ConflictsExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored

CROSSED = "crossed"
"""Tag of pairs of two languages."""


@case_scorer("conflicts", "conflicts")
def conflicts(case: Answered) -> Iterator[Score]:
    """`found`: pairs that contradict each other are called so, `found_crossed` those of two
    languages; `precision`: pairs called so do; `left_alone`: harmless pairs are not; `differs`:
    of those found, value or permission is told right; `marked`: and the words that clash are
    among the marks of both sides."""
    sample, expect, answer = unpack(case, ConflictsExpect, ConflictsAnswer)
    clash, said = expect.differs is not None, answer.differs is not None
    measures = {
        "found": (clash, said),
        "found_crossed": (clash and CROSSED in sample.tags, said),
        "precision": (said, clash),
        "left_alone": (not clash, not said),
        "differs": (clash and said, expect.differs is answer.differs),
        "marked": (said and expect.marks is not None, _marked(expect, answer)),
    }
    for metric, (meant, good) in measures.items():
        yield right(sample, metric, good) if meant else unscored(sample, metric, "not meant")


def _marked(expect: ConflictsExpect, answer: ConflictsAnswer) -> bool:
    """Whether each side has a mark that shares a stretch with the words meant."""
    sides = zip(expect.marks or (), answer.marks, strict=False)
    return all(any(meant in mark or mark in meant for mark in marks) for meant, marks in sides)
