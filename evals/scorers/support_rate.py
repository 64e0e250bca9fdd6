"""How much of a text rests on nothing it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.cases import DraftAnswer, DraftExpect, Sample
from evals.cases_written import PostsAnswer, PostsExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import share, unpack, unscored
from service.domain.support import SupportKind


@case_scorer("draft", "support_rate")
def of_replies(case: Answered) -> Iterator[Score]:
    """`support_rate`: share of the sentences that claim something whose claim the product's own
    ledger does not call unsupported. Courtesy claims nothing and is left out."""
    sample, _, answer = unpack(case, DraftExpect, DraftAnswer)
    yield _rate(sample, answer.support)


@case_scorer("posts", "support_rate")
def of_posts(case: Answered) -> Iterator[Score]:
    """As of replies."""
    sample, _, answer = unpack(case, PostsExpect, PostsAnswer)
    yield _rate(sample, answer.support)


def _rate(sample: Sample, support: Sequence[SupportKind]) -> Score:
    claims = [kind for kind in support if kind is not SupportKind.COURTESY]
    if not claims:
        return unscored(sample, "support_rate", "no sentence claims anything")
    kept = sum(kind is not SupportKind.UNSUPPORTED for kind in claims)
    return share(sample, "support_rate", kept, len(claims))
