"""Fits what a model's claim must show to leave by one key: `python -m evals.support_bar CACHE`.

Cases are those of `datasets/support_dev.jsonl`, read as a model's text. Of the limits that let
through at most `PASSED` of the unsupported claims and leave nearly as many supported ones free as
any of them, the strictest are taken.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from evals.cases import Sample, SupportExpect
from evals.datasets import load
from evals.support_fit import DEV, sources, write_head
from retrieval.config import EmbedderConfig
from retrieval.embedders.factory import build_embedder
from service.domain.support import Conflict
from service.drafting.build import build_support
from service.drafting.support.bar import Cover, cover
from service.drafting.support.features import conflict_of
from service.drafting.support.head import FILE, Bar, Head, shipped
from service.drafting.support.reading import claim_of
from service.drafting.support.scorer import SupportScorer

PASSED = 0.005
"""Share of unsupported claims that may leave by one key."""

NEARLY = 0.67
"""Of the most supported claims that could be free, how many must be."""

_CHANCES = (0.75, 0.8, 0.85, 0.9)
_SHARES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)


class Told(NamedTuple):
    """A claim's chance and cover beside its best source."""

    chance: float
    cover: Cover
    supported: bool


class _Tried(NamedTuple):
    bar: Bar
    right: int

    @property
    def strictness(self) -> float:
        return self.bar.chance + self.bar.words + self.bar.part


def told(samples: Sequence[Sample], scorer: SupportScorer, head: Head) -> list[Told]:
    """Every claim but promises and wrong numbers, which are held by other means."""
    return [one for sample in samples for one in _told(sample, scorer, head)]


def _told(sample: Sample, scorer: SupportScorer, head: Head) -> Iterator[Told]:
    expect, claim = sample.expect, claim_of(sample.text, strict=True)
    if not isinstance(expect, SupportExpect) or expect.state == "courtesy":
        return
    if claim is None or claim.promise:
        return
    given = sources(expect)
    (compared,) = scorer.compared([claim], given)
    best = max(compared.beside, key=lambda one: head.chance(one.found))
    if conflict_of(best.found) is not Conflict.NUMBER:
        found = cover(claim, best.source, given, scorer.rarity)
        yield Told(head.chance(best.found), found, expect.state == "supported")


def fit_bar(given: Sequence[Told], head: Head) -> Bar:
    """The limits; where none will do, those that hold everything."""
    wrong = sum(not one.supported for one in given)
    tried = [
        _Tried(bar, right)
        for bar in _bars()
        for right, passed in [_free(given, head.model_copy(update={"bar": bar}))]
        if passed <= PASSED * wrong
    ]
    most = max((one.right for one in tried), default=0)
    good = [one for one in tried if one.right >= NEARLY * most]
    return max(good, key=lambda one: one.strictness).bar if good else Bar()


def _bars() -> Iterator[Bar]:
    for chance, words, part in product(_CHANCES, _SHARES, _SHARES):
        yield Bar(chance=chance, words=words, part=part)


def _free(given: Sequence[Told], head: Head) -> tuple[int, int]:
    """Supported and unsupported claims that pass."""
    free = [one.supported for one in given if head.passes(one.chance, one.cover)]
    return sum(free), len(free) - sum(free)


def main(cache: Path) -> None:
    """Fit, print, write."""
    scorer, head = build_support(build_embedder(EmbedderConfig(), cache)), shipped()
    given = told(load("support", DEV).samples, scorer, head)
    head = head.model_copy(update={"bar": fit_bar(given, head)})
    right, passed = _free(given, head)
    supported = sum(one.supported for one in given)
    print(f"free: {right} of {supported} supported, {passed} of {len(given) - supported} others")
    write_head(FILE, head, indent=2)


if __name__ == "__main__":
    main(Path(sys.argv[1]).expanduser())
