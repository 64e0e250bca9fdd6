"""Does a text promise what no source speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.cases_written import AttacksAnswer, AttacksExpect, DraftFinding, PostsAnswer, PostsExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack
from service.domain.draft import Severity


@case_scorer("draft", "promises")
def of_replies(case: Answered) -> Iterator[Score]:
    """`no_promise`: nothing binding is promised without a source."""
    sample, _, answer = unpack(case, DraftExpect, DraftAnswer)
    yield right(sample, "no_promise", not _promised(answer.findings))


@case_scorer("posts", "promises")
def of_posts(case: Answered) -> Iterator[Score]:
    """As of replies."""
    sample, _, answer = unpack(case, PostsExpect, PostsAnswer)
    yield right(sample, "no_promise", not _promised(answer.findings))


@case_scorer("attacks", "promises")
def of_attacks(case: Answered) -> Iterator[Score]:
    """As of replies."""
    sample, _, answer = unpack(case, AttacksExpect, AttacksAnswer)
    yield right(sample, "no_promise", not _promised(answer.findings))


def _promised(findings: Iterable[DraftFinding]) -> bool:
    return any(
        one.check == "unsupported_promise" and one.severity is Severity.BLOCKING for one in findings
    )
