"""Do texts for different cases read alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process

from evals.cases import DraftAnswer, DraftExpect
from evals.cases_written import PostsAnswer, PostsExpect
from evals.model import Figure
from evals.registry import Answered, total_scorer
from evals.scoring import unpack
from evals.slices import by_language

ALIKE = 90
"""Likeness of letters (0 to 100) from which two texts are the same but for trifles."""


@total_scorer("draft", "duplication")
def of_replies(cases: Sequence[Answered]) -> Iterator[Figure]:
    """`distinct`: share of answers that no answer to another case is nearly the same as. Refusals
    are left out: holding texts are the same on purpose."""
    for name, members in by_language(cases):
        answers = [unpack(case, DraftExpect, DraftAnswer)[2] for case in members]
        yield _distinct(name, [one.text for one in answers if one.refusal is None])


@total_scorer("posts", "duplication")
def of_posts(cases: Sequence[Answered]) -> Iterator[Figure]:
    """As of replies, all posts counted."""
    for name, members in by_language(cases):
        yield _distinct(name, [unpack(case, PostsExpect, PostsAnswer)[2].text for case in members])


def alike(texts: Sequence[str]) -> list[bool]:
    """Of each text, whether another one is nearly the same."""
    if not texts:
        return []
    found = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype="uint8")
    return [bool(count > 1) for count in (found > 0).sum(axis=1)]


def _distinct(name: str, texts: Sequence[str]) -> Figure:
    if not texts:
        return Figure(metric="distinct", slice=name, value=None, n=0)
    alone = alike(texts).count(False)
    return Figure(metric="distinct", slice=name, value=alone / len(texts), n=len(texts))
