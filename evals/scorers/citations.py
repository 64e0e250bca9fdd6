"""Do drafts cite the clauses that answer, and only clauses they were given."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import left_open, right, share, unpack, unscored


@case_scorer("draft", "citations")
def citations(case: Answered) -> Iterator[Score]:
    """`cite_precision`: share of cited clauses that answer (none do where no rule fits).
    `cite_recall`: an answering clause is cited. `cite_grounded`: all cited were in the context."""
    sample, expect, answer = unpack(case, DraftExpect, DraftAnswer)
    cited, matching = set(answer.cited), set(answer.cited) & set(expect.cite)
    yield right(sample, "cite_grounded", cited <= set(answer.context))
    if expect.refusal is not None or not expect.cite:
        yield unscored(sample, "cite_recall", "no citation is required")
    else:
        yield right(sample, "cite_recall", bool(matching))
    if left_open(sample, expect):
        yield unscored(sample, "cite_precision", "not said which clauses answer")
    elif cited:
        yield share(sample, "cite_precision", len(matching), len(cited))
    else:
        yield unscored(sample, "cite_precision", "nothing was cited")
