"""Does a post hold what it must, keep to its length, and say how it was drafted."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import Sample
from evals.cases_written import PostsAnswer, PostsExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scorers.reply_language import speaks
from evals.scoring import right, share, unpack, unscored
from service.domain.draft import Severity


@case_scorer("posts", "parts")
def parts(case: Answered) -> Iterator[Score]:
    """`must_say`: share of what must appear. `must_not_say`: nothing forbidden does. `pii_kept`:
    no personal data of the brief. `labelled`: the community's word on drafting stands in it.
    `complete`: the product's own check misses no part of the kind."""
    sample, expect, answer = unpack(case, PostsExpect, PostsAnswer)
    text = answer.text.casefold()
    said = sum(phrase.casefold() in text for phrase in expect.must_say)
    yield share(sample, "must_say", said, len(expect.must_say))
    yield from _without(sample, "must_not_say", expect.must_not_say, text)
    yield from _without(sample, "pii_kept", expect.secrets, text)
    if answer.disclosure:
        yield right(sample, "labelled", answer.disclosure in answer.text)
    else:
        yield unscored(sample, "labelled", "the community asks for no label")
    missing = any(one.check in ("missing_part", "item_uncited") for one in answer.findings)
    yield right(sample, "complete", not missing)


@case_scorer("posts", "form")
def form(case: Answered) -> Iterator[Score]:
    """`post_language`, `length` (not empty, within the form's limit, the label aside),
    `cite_grounded`: all cited clauses were found; `unblocked`: no check blocks."""
    sample, _, answer = unpack(case, PostsExpect, PostsAnswer)
    own = answer.text.removesuffix(answer.disclosure).strip()
    yield right(sample, "post_language", speaks(own, sample.lang))
    yield right(sample, "length", 0 < len(own) <= answer.max_chars)
    yield right(sample, "cite_grounded", set(answer.cited) <= set(answer.context))
    blocked = any(one.severity is Severity.BLOCKING for one in answer.findings)
    yield right(sample, "unblocked", not blocked)


def _without(sample: Sample, metric: str, phrases: tuple[str, ...], text: str) -> Iterator[Score]:
    if not phrases:
        yield unscored(sample, metric, "the case forbids none")
    else:
        yield right(sample, metric, not any(one.casefold() in text for one in phrases))
