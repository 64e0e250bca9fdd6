"""Is personal data replaced whole, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import PiiAnswer, PiiExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, share, unpack, unscored

GROUPS = {
    "phone": {"PHONE"},
    "id_card": {"ID_CARD"},
    "bank_card": {"BANK_CARD"},
    "wechat": {"WECHAT"},
    "name": {"NAME"},
}
"""Measures of their own; `recall` holds every kind."""


@case_scorer("pii", "spans")
def spans(case: Answered) -> Iterator[Score]:
    """`recall`: pieces no character of which is left; `recall_<kind>` for those named above;
    `clean`: hard negatives left as they are."""
    sample, expect, answer = unpack(case, PiiExpect, PiiAnswer)
    gone = [piece for piece in expect.spans if _gone(piece.value, answer)]
    if expect.spans:
        yield share(sample, "recall", len(gone), len(expect.spans))
        yield unscored(sample, "clean", "holds personal data")
    else:
        yield unscored(sample, "recall", "holds no personal data")
        yield right(sample, "clean", not answer.spans)
    for name, kinds in GROUPS.items():
        wanted = [piece for piece in expect.spans if piece.kind in kinds]
        if wanted:
            found = sum(piece in gone for piece in wanted)
            yield share(sample, f"recall_{name}", found, len(wanted))
        else:
            yield unscored(sample, f"recall_{name}", f"holds no {name}")


def _gone(value: str, answer: PiiAnswer) -> bool:
    return any(value in found.value for found in answer.spans)
