"""Are the same matters found, and different ones kept apart."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DuplicatesAnswer, DuplicatesExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored


@case_scorer("duplicates", "joined")
def joined(case: Answered) -> Iterator[Score]:
    """What the engine joins by itself. `exact_recall`, `near_recall`: those pairs are joined.
    `joined_precision`: joined pairs say the same. `apart`: different matters are not joined."""
    sample, expect, answer = unpack(case, DuplicatesExpect, DuplicatesAnswer)
    for kind in ("exact", "near"):
        if expect.kind == kind:
            yield right(sample, f"{kind}_recall", answer.joined)
        else:
            yield unscored(sample, f"{kind}_recall", f"no {kind} pair")
    if answer.joined:
        yield right(sample, "joined_precision", expect.kind in ("exact", "near"))
    else:
        yield unscored(sample, "joined_precision", "not joined")
    if expect.kind == "different":
        yield right(sample, "apart", not answer.joined)
    else:
        yield unscored(sample, "apart", "the same matter")


@case_scorer("duplicates", "suggested")
def suggested(case: Answered) -> Iterator[Score]:
    """What a person is asked about. `semantic_recall`: the same matter in other words is suggested.
    `suggested_precision`: suggestions are the same matter. `unbothered`: different matters are
    neither joined nor suggested."""
    sample, expect, answer = unpack(case, DuplicatesExpect, DuplicatesAnswer)
    if expect.kind == "semantic":
        yield right(sample, "semantic_recall", answer.kind != "different")
    else:
        yield unscored(sample, "semantic_recall", "no semantic pair")
    if answer.kind == "semantic":
        yield right(sample, "suggested_precision", expect.kind != "different")
    else:
        yield unscored(sample, "suggested_precision", "not suggested")
    if expect.kind == "different":
        yield right(sample, "unbothered", answer.kind == "different")
    else:
        yield unscored(sample, "unbothered", "the same matter")
