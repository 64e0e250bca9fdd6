"""Does every figure of a post stand in what it was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evals.cases_written import PostsAnswer, PostsExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored

_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")


@case_scorer("posts", "number_fidelity")
def number_fidelity(case: Answered) -> Iterator[Score]:
    """`number_fidelity`: no digits but those of brief, facts and clauses, and those the case lists.
    Digit for digit, whatever the product's own check of numbers reads into them."""
    sample, expect, answer = unpack(case, PostsExpect, PostsAnswer)
    told = figures(answer.text.replace(answer.disclosure, "") if answer.disclosure else answer.text)
    if not told:
        yield unscored(sample, "number_fidelity", "the post tells no figures")
    else:
        allowed = figures(" ".join((answer.ground, *expect.numbers)))
        yield right(sample, "number_fidelity", told <= allowed)


def figures(text: str) -> set[str]:
    """Numbers in digits, without the commas of thousands and leading zeros."""
    return set(_plain(match[0] for match in _DIGITS.finditer(text)))


def _plain(found: Iterable[str]) -> Iterator[str]:
    for one in found:
        for part in re.split(r"[.:](?=0\d)|:", one.replace(",", "")):
            yield part.lstrip("0") or "0"
