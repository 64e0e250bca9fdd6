"""Public questions over their passages: ours, peers, and the languages apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.bench.passages import community_rules, stard
from evals.production import ProductionEngines
from retrieval.embedders.hashing import HashingEmbedder
from service.settings import Settings

TOPICS = ("refund of the annual fee", "spam and advertising", "sharing phone numbers", "appeals")


class _Engines(ProductionEngines):
    embedder = HashingEmbedder(256)  # type: ignore[assignment]


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def test_ours_and_both_peers_find_what_shares_words(tmp_path: Path) -> None:
    folder = tmp_path / "stard_zh"
    corpus = [{"id": f"a{i}", "title": f"Article {i}", "text": t} for i, t in enumerate(TOPICS)]
    asked = [{"text": f"about {t}", "relevant": [f"a{i}"]} for i, t in enumerate(TOPICS)]
    _write(folder / "corpus.jsonl", corpus)
    _write(folder / "dev" / "queries.jsonl", asked)
    figures = stard(_Engines(Settings()), tmp_path)
    peers = ("", ".words", ".plain")
    assert set(figures) == {f"stard_zh.hit{n}{peer}" for n in (1, 5) for peer in peers}
    assert set(figures.values()) == {1.0}


def test_sealed_questions_come_first_and_count_by_language(tmp_path: Path) -> None:
    folder = tmp_path / "community_rules"
    passages = [
        {"id": f"{lang}{i}", "title": "Rules", "heading": "", "text": t, "lang": lang}
        for lang in ("en", "zh")
        for i, t in enumerate(TOPICS)
    ]
    right = [{"text": t, "label": "zh->en", "relevant": [f"en{i}"]} for i, t in enumerate(TOPICS)]
    own = [{"text": TOPICS[0], "label": "en->zh", "relevant": ["en0"]}]
    _write(folder / "passages.jsonl", passages)
    _write(folder / "dev" / "crosslingual_queries.jsonl", own)
    _write(folder / "heldout" / "crosslingual_queries.jsonl", [*right, *own])
    figures = community_rules(_Engines(Settings()), tmp_path)
    assert figures["community_rules.hit1.zh"] == 1.0
    assert figures["community_rules.hit1.en"] == 0.0, "passages of its own language are not seen"
    assert figures["community_rules.hit1"] == 0.8
