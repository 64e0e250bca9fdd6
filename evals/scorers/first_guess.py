"""Is the leading category right: shown to people, and guessed when the engine abstained."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import TriageAnswer, TriageExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored


@case_scorer("triage", "first_guess")
def first_guess(case: Answered) -> Iterator[Score]:
    """`top1`: an abstention is wrong. `guess`: its best guess counts. `accepted`: only the cases
    the engine did not abstain on. `coverage`: how often it answered a case that has a category."""
    sample, expect, answer = unpack(case, TriageExpect, TriageAnswer)
    metrics = ("top1", "guess", "accepted", "coverage")
    if not expect.categories:
        yield from (unscored(sample, metric, "no category expected") for metric in metrics)
        return
    shown = answer.labels[0].category in expect.categories if answer.labels else False
    guessed = answer.best is not None and answer.best.category in expect.categories
    yield right(sample, "top1", shown)
    yield right(sample, "guess", guessed)
    yield right(sample, "coverage", bool(answer.labels))
    if answer.labels:
        yield right(sample, "accepted", shown)
    else:
        yield unscored(sample, "accepted", "the engine abstained")
