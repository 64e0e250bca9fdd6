"""Do drafts cite the clauses that answer, and only clauses they were given."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, share, unscored


@case_scorer("draft", "citations")
def citations(case: Answered) -> Iterator[Score]:
    """`cite_precision`: share of cited clauses that answer. `cite_recall`: an answering clause is
    cited. `cite_grounded`: every cited clause was in the context."""
    sample, expect, answer = case.sample, case.sample.expect, case.answer
    assert isinstance(expect, DraftExpect)
    assert isinstance(answer, DraftAnswer)
    yield right(sample, "cite_grounded", set(answer.cited) <= set(answer.context))
    if not expect.cite:
        yield unscored(sample, "cite_recall", "a refusal is expected")
        yield unscored(sample, "cite_precision", "a refusal is expected")
        return
    matching = set(answer.cited) & set(expect.cite)
    yield right(sample, "cite_recall", bool(matching))
    if answer.cited:
        yield share(sample, "cite_precision", len(matching), len(set(answer.cited)))
    else:
        yield unscored(sample, "cite_precision", "nothing was cited")
