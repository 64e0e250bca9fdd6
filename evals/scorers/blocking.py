"""How many drafts could be approved with one key."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack
from service.domain.draft import Severity


@case_scorer("draft", "blocking")
def blocking(case: Answered) -> Iterator[Score]:
    """`unblocked`: the drafter's own checks found nothing blocking."""
    sample, _, answer = unpack(case, DraftExpect, DraftAnswer)
    blocked = any(finding.severity is Severity.BLOCKING for finding in answer.findings)
    yield right(sample, "unblocked", not blocked)
