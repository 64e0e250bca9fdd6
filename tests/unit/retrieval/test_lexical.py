"""BM25 over the shared segmenter."""

from __future__ import annotations

import math

import pytest

from retrieval.indexes.lexical import K1, B, Bm25Index

TEXTS = ["退款規則：七天内退款", "广告规则：不得引流", "Refunds are paid within seven days", ""]
INDEX = Bm25Index(["refund-zh", "ads", "refund-en", "empty"], TEXTS)


def test_the_text_that_shares_most_comes_first_and_strangers_stay_out() -> None:
    hits = INDEX.query("退款要几天", 5)
    assert hits[0].id == "refund-zh"
    assert all(hit.score > 0 for hit in hits)
    assert "empty" not in {hit.id for hit in hits}


def test_scripts_and_inflections_meet() -> None:
    assert INDEX.query("引流廣告", 1)[0].id == "ads"
    assert INDEX.query("REFUND days", 1)[0].id == "refund-en"


def test_nothing_shared_gives_nothing() -> None:
    assert INDEX.query("天气", 5) == ()
    assert INDEX.query("", 5) == ()
    assert Bm25Index([], []).query("退款", 5) == ()


def test_scores_follow_the_formula() -> None:
    index = Bm25Index(["a", "b", "c"], ["cat cat dog", "dog", "bird fish frog cow"])
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    norm = K1 * (1 - B + B * 3 / (8 / 3))
    assert index.scores("cat")[0] == pytest.approx(idf * 2 * (K1 + 1) / (2 + norm), rel=1e-5)


def test_no_text_reaches_the_ceiling() -> None:
    for query in ("退款规则", "refund cat", "unknown words only"):
        assert INDEX.scores(query).max() < INDEX.ceiling(query)
