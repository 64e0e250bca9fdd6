"""Embedding throughput beside sentence-transformers (torch, float32) on the same weights."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from evals.bench.messages import made_messages
from retrieval.embedders.onnx_int8 import OnnxEmbedder
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.models.materialise import MODEL_NAME
from retrieval.ports import Embedder
from retrieval.types import Role

_OUR_TEXTS, _PEER_TEXTS = 2048, 512
"""Texts of one timed call: about as long on both sides, so that noise falls on both alike."""

_WARM_UP_TEXTS = 64
_MIN_ROUNDS = 3


def run(cache_dir: Path, *, seconds_budget: float) -> dict[str, float | None]:
    """Time both sides in turns on short zh/en texts; all cores, the peer's own batch size.

    Returns medians: `embed.per_s` and `embed.st_per_s` in texts per second of wall time, and
    `embed.ratio`, the median of the rounds' ratios. The budget covers timing, not loading; at
    least three rounds are run.
    """
    ours: Embedder = OnnxEmbedder(cache_dir)
    peer: Embedder = SentenceTransformerEmbedder(MODEL_NAME, cache_dir, device="cpu")
    texts = made_messages(_OUR_TEXTS)
    for side in (ours, peer):
        side.embed(texts[:_WARM_UP_TEXTS], role=Role.QUERY)
    rounds: list[tuple[float, float]] = []
    stop = time.perf_counter() + seconds_budget
    while len(rounds) < _MIN_ROUNDS or time.perf_counter() < stop:
        rounds.append((_rate(ours, texts), _rate(peer, texts[:_PEER_TEXTS])))
    return {
        "embed.per_s": median(mine for mine, _ in rounds),
        "embed.st_per_s": median(other for _, other in rounds),
        "embed.ratio": median(mine / other for mine, other in rounds),
    }


def _rate(embedder: Embedder, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    embedder.embed(texts, role=Role.QUERY)
    return len(texts) / (time.perf_counter() - start)
