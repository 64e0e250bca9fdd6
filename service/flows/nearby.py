"""Which stored cases lie near a vector; without the index, none do and only hashes tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import structlog

from retrieval.errors import FingerprintMismatch, IndexUnavailable
from retrieval.indexer import item_id
from retrieval.ports import Embedder, VectorIndex, VectorStore
from retrieval.types import FloatMatrix

NEIGHBOURS = 4
"""Earlier cases looked at as possible duplicates."""

WORTH_COMPARING = 0.9
"""Cosine under which a neighbour cannot be a near duplicate; spares loading its text."""

Near = list[tuple[str, float]]
"""Case ids with their cosine, best first."""

log = structlog.get_logger()


def open_cases(vectors: VectorStore, embedder: Embedder, community: str) -> VectorIndex | None:
    """The case index, or None when it is away: then only exact duplicates are found."""
    try:
        return vectors.collection(f"case:{community}", embedder.info)
    except (IndexUnavailable, FingerprintMismatch) as error:
        log.warning("case_index_unavailable", community=community, reason=type(error).__name__)
        return None


def stored_near(index: VectorIndex | None, matrix: FloatMatrix, k: int) -> list[Near]:
    """The `k` stored cases nearest to each row."""
    if index is None:
        return [[] for _ in matrix]
    try:
        hits = index.query_many(matrix, k)
    except IndexUnavailable as error:
        log.warning("case_index_unavailable", reason=type(error).__name__)
        return [[] for _ in matrix]
    return [[(item_id(hit.id), hit.score) for hit in row] for row in hits]


def earlier_near(index: VectorIndex | None, ids: Sequence[str], matrix: FloatMatrix) -> list[Near]:
    """Earlier cases worth comparing with each row: stored ones, and those before it."""
    within = np.tril(matrix @ matrix.T, k=-1)
    stored = stored_near(index, matrix, NEIGHBOURS)
    rows: list[Near] = []
    for number, case_id in enumerate(ids):
        best = np.argsort(-within[number])[:NEIGHBOURS]
        near = [(ids[j], float(within[number, j])) for j in best] + stored[number]
        rows.append([(i, s) for i, s in near if s >= WORTH_COMPARING and i != case_id])
    return rows
