"""Both languages are measured apart, ours and peers on the same cases."""

from __future__ import annotations

from typing import cast

import pytest

from evals.bench.paired import NAMES, paired
from evals.cases import TriageExpect
from evals.datasets import load
from evals.production import NOW, ProductionEngines
from retrieval.embedders.hashing import HashingEmbedder
from service.domain.base import Lang
from tests.plugins.web import KeywordTriager


class Engines:
    """Keyword triage and an embedder that knows only letters."""

    embedder = HashingEmbedder(64)

    def __init__(self) -> None:
        self.triager = KeywordTriager()

    def now(self) -> object:
        return NOW


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    return paired(cast("ProductionEngines", Engines()), None)


def test_each_language_and_the_gap_are_stated_for_ours_and_peers(
    figures: dict[str, float],
) -> None:
    assert set(figures) == {f"{n}{peer}" for n in NAMES for peer in ("", ".words", ".plain")}
    for peer in ("", ".words", ".plain"):
        chinese, english = figures[f"paired.guess_zh{peer}"], figures[f"paired.guess_en{peer}"]
        assert figures[f"paired.gap{peer}"] == pytest.approx(abs(chinese - english))


def test_a_guess_is_right_where_the_case_expects_it(figures: dict[str, float]) -> None:
    """Keyword triage says one category of whatever has none of its words."""
    triager, asked = KeywordTriager(), [s for s in load("triage").samples if s.pair]
    judged = triager.judge([s.text for s in asked], [NOW] * len(asked))
    hits = [
        one.judgement.candidates[0].category in sample.expect.categories
        for one, sample in zip(judged, asked, strict=True)
        if sample.lang is Lang.ZH
        and isinstance(sample.expect, TriageExpect)
        and sample.expect.categories
    ]
    assert figures["paired.guess_zh"] == pytest.approx(sum(hits) / len(hits))
