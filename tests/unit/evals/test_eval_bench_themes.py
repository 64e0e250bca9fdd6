"""Figures of themes: weeks that overlap, messages outside the main theme of their question."""

from __future__ import annotations

import pytest

from evals.bench.theme_weeks import lasting
from evals.theme_weeks import spillover
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.types import Role
from service.triage.build import build_themes


def test_spillover_counts_what_is_outside_the_main_theme() -> None:
    themes = [0, 0, 0, 1, 1, -1]
    assert spillover(["a", "a", "a", "a", "b", "b"], themes) == pytest.approx(0.2)
    assert spillover(["a", "b"], [0, 1]) == 0.0


def test_themes_that_stay_the_same_keep_their_ids() -> None:
    topics = ("导出 PDF 空白页", "同步冲突副本", "crash on startup after update")
    texts = [f"{topic} {number}" for topic in topics for number in range(40)]
    labels = [topic for topic in topics for _ in range(40)]
    embedder = HashingEmbedder(256)
    vectors = embedder.embed(texts, role=Role.QUERY)
    found = lasting(build_themes(embedder), texts, labels, vectors)
    assert found.id_kept >= 0.9
    assert found.unclustered <= 0.1
