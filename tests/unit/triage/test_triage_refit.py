"""Comparing sets of examples: nothing changes for the same set, harm is seen, danger stays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.types import FloatMatrix, Role
from service.domain.base import Lang
from service.domain.taxonomy import LabelledExample
from service.triage.build import build_triage
from service.triage.category_head import CategoryHead, train_category_head
from service.triage.example_vectors import KnownVectors
from service.triage.features import embed_features
from service.triage.head_cache import KEPT, cached_head
from service.triage.refit import ALL, BOUND, Refitter, set_stamp
from service.triage.taxonomy import labelled_examples, load_taxonomy, with_learned

AT = datetime(2026, 4, 1, tzinfo=UTC)
TAXONOMY = load_taxonomy()
SHIPPED = labelled_examples(TAXONOMY)


def learned(text: str, category: str, number: int = 1) -> LabelledExample:
    return LabelledExample(
        id=f"exm_{number}", text=text, category=category, lang=Lang.ZH, origin="learned"
    )


def whole(*examples: LabelledExample) -> tuple[LabelledExample, ...]:
    return with_learned(TAXONOMY, SHIPPED, examples)


class _Counting(HashingEmbedder):
    def __init__(self) -> None:
        super().__init__(64)
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        self.seen += texts
        return super().embed(texts, role=role)


@pytest.fixture(scope="module")
def refitter() -> Refitter:
    return Refitter(HashingEmbedder(), TAXONOMY)


def test_the_same_set_changes_nothing(refitter: Refitter) -> None:
    same = refitter.compare(SHIPPED, tuple(reversed(SHIPPED)))
    assert same.before == same.after
    assert not same.worse
    assert all(one.f1_before == one.f1_after for one in same.slices)
    assert {ALL, "zh", "en", "bug_report"} <= {one.name for one in same.slices}
    assert same.held_back == same.trained


def test_a_text_under_two_labels_is_not_compared(refitter: Refitter) -> None:
    moved = learned(SHIPPED[0].text, "praise")
    one = refitter.compare(SHIPPED, whole(moved))
    assert one.held_back == one.trained - 1
    assert one.before == set_stamp(SHIPPED)


class _Topical(HashingEmbedder):
    """Texts of one shipped category are near each other, whatever ends them."""

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        rows = 0.5 * super().embed(texts, role=role)
        topics = {e.text: TOPICS.index(e.category) for e in SHIPPED}
        for row, text in zip(rows, texts, strict=True):
            row[topics.get(text.rstrip("。！"), len(TOPICS))] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


TOPICS = [category.id for category in TAXONOMY.categories]


def test_danger_taught_as_chat_is_seen() -> None:
    texts = [e.text for e in SHIPPED if e.category == "safety_crisis"]
    ended = [text + end for text in texts for end in ("。", "！", "。。", "！！")]
    wrong = [learned(text, "chat", n) for n, text in enumerate(ended)]
    harm = Refitter(_Topical(), TAXONOMY).compare(SHIPPED, whole(*wrong))
    losses = {(loss.name, loss.measure): loss for loss in harm.losses}
    assert ("safety_crisis", "recall") in losses
    worst = losses["safety_crisis", "f1"]
    assert worst.before - worst.after > BOUND
    assert ("praise", "f1") not in losses


def test_a_learned_label_counts_over_a_shipped_one() -> None:
    moved = learned(SHIPPED[0].text, "praise")
    gone = learned("随便", "no_such_category", 2)
    both = whole(moved, gone)
    assert len(both) == len(SHIPPED)
    assert both[-1] == moved
    assert set_stamp(both) == set_stamp(tuple(reversed(both))) != set_stamp(SHIPPED)


def test_teaching_moves_labels_and_no_severity(tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    danger = [e.text for e in SHIPPED if e.category == "safety_crisis"]
    wrong = [learned(text, "chat", n) for n, text in enumerate(danger)]
    new = "群里的竹筒机器人又罢工啦"
    taught = [learned(new, "bug_report", 999), *wrong]
    plain = build_triage(embedder, tmp_path)
    first = build_triage(embedder, tmp_path, learned=taught)
    again = build_triage(embedder, tmp_path, learned=taught)
    texts = [new, *danger]
    judged = {
        engine: [one.judgement for one in engine.judge(texts, [AT] * len(texts))]
        for engine in (plain, first, again)
    }
    assert judged[first] == judged[again], "a refit on the same examples gives the same engine"
    assert judged[first][0].primary == "bug_report"
    assert judged[first][0].versions.heads.endswith(f"+{set_stamp(whole(*taught))}")
    for text, before, after in zip(texts, judged[plain], judged[first], strict=True):
        floors = [signal.floor or 0 for signal in before.signals]
        assert after.signals == before.signals, text
        assert after.severity >= max(floors, default=0), text


def test_shipped_vectors_are_remembered_and_learned_ones_are_not(tmp_path: Path) -> None:
    inner = _Counting()
    texts = ["一", "二", "学来的"]
    known = KnownVectors(inner, tmp_path, texts[:2])
    first = known.embed(texts, role=Role.QUERY)
    again = KnownVectors(inner, tmp_path, texts[:2]).embed(texts[::-1], role=Role.QUERY)
    assert inner.seen == [*texts, "学来的"]
    np.testing.assert_array_equal(first, again[::-1])
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"damaged")
    assert known.embed(["一"], role=Role.QUERY).shape == (1, 64)
    assert KnownVectors(inner, None, texts).embed([], role=Role.QUERY).shape == (0, 64)


def test_heads_unused_longest_are_forgotten(tmp_path: Path) -> None:
    features = embed_features(HashingEmbedder(8), ["退款", "闪退", "谢谢", "你好"])
    trained: list[str] = []

    def head(key: str) -> CategoryHead:
        def train() -> CategoryHead:
            trained.append(key)
            return train_category_head(features, np.array([0, 1, 0, 1]), 2)

        return cached_head(tmp_path, "category", key, train)

    for number in range(KEPT):
        head(f"k{number:02}")
        os.utime(tmp_path / f"category-k{number:02}.npz", (number, number))
    head("k00")
    head("new")
    (tmp_path / "risk-other.npz").touch()
    head("new2")
    names = {file.name for file in tmp_path.iterdir()}
    assert {"category-k00.npz", "category-new.npz", "risk-other.npz"} <= names
    assert not {"category-k01.npz", "category-k02.npz"} & names
    assert len(names) == KEPT + 1
    head("k00")
    assert trained.count("k00") == 1
