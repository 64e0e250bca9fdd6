"""A graph of near texts, cut into communities by Leiden (Traag et al., 2019).

Similarities are corrected for hubs by cross-domain local scaling (CSLS, Conneau et al., 2018): what
is near to everything counts less. The same correction makes Chinese-English neighbours comparable
with neighbours of one language, so that one complaint told in both languages is one community.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.theme_space import Space

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_FEWEST, _MOST, _CANDIDATES, _SURROUNDING = 8, 16, 24, 10
"""Neighbours a text is linked to: the cube root of the number of texts, between the first two."""

_ACROSS = 10
"""Neighbours in the other language, kept only where both choose each other."""

_LINKED = 0.25
"""Least cosine of two neighbours; texts near nobody stay by themselves."""

_LINKED_ACROSS = 0.10
_SHARPNESS = 4.0
_EXACT = 5_000
"""Up to so many texts all pairs are compared; beyond, those in the nearest cells."""

_PROBED = 8
_RESOLUTION = 0.25
"""Times the square root of the number of texts: themes grow in number and in size alike."""

_SEED = 1
IntArray = NDArray[np.int64]


class _Near(NamedTuple):
    """Nearest others of each row, best first: row numbers (-1 for none) and cosines."""

    rows: IntArray
    cosines: FloatMatrix


class _Edges(NamedTuple):
    sources: IntArray
    targets: IntArray
    weights: NDArray[np.float64]


def communities(space: Space, chinese: NDArray[np.bool_]) -> IntArray:
    """Community number of each text, shape (n,); a text near none is its own.

    Args:
        chinese: which texts are Chinese, shape (n,).
    """
    edges = [_within(space.fused), *_across(space.meaning, chinese)]
    return _leiden(_graph(edges, len(chinese)))


def _within(fused: FloatMatrix) -> _Edges:
    near = _nearest(fused, fused, min(_CANDIDATES, len(fused) - 1), same=True)
    around = _around(near)
    scaled = near.cosines - (around[:, None] + around[near.rows]) / 2
    scaled[near.cosines < _LINKED] = -np.inf
    linked = int(np.clip(round(len(fused) ** (1 / 3)), _FEWEST, _MOST))
    return _best(np.arange(len(fused)), near.rows, scaled, linked)


def _across(meaning: FloatMatrix, chinese: NDArray[np.bool_]) -> list[_Edges]:
    """Edges between the languages."""
    left, right = np.flatnonzero(chinese), np.flatnonzero(~chinese)
    count = min(_SURROUNDING, min(len(left), len(right)) // 2)
    if not count:
        return []
    there = _nearest(meaning[left], meaning[right], count)
    back = _nearest(meaning[right], meaning[left], count)
    scaled = there.cosines - (_around(there)[:, None] + _around(back)[there.rows]) / 2
    chosen_back = back.rows[there.rows][:, :, :_ACROSS] == np.arange(len(left))[:, None, None]
    scaled[~chosen_back.any(axis=2) | (there.cosines < _LINKED_ACROSS)] = -np.inf
    return [_best(left, right[there.rows], scaled, _ACROSS)]


def _around(near: _Near) -> FloatMatrix:
    """How near the surroundings of each row are: the mean cosine of its nearest."""
    mean: FloatMatrix = near.cosines[:, :_SURROUNDING].mean(axis=1)
    return mean


def _best(sources: IntArray, targets: IntArray, scaled: NDArray[np.floating], count: int) -> _Edges:
    """The `count` best targets of each source; weights grow with the scaled similarity."""
    order = np.argsort(-scaled, axis=1, kind="stable")[:, :count]
    scores = np.take_along_axis(scaled, order, axis=1).ravel()
    chosen = np.take_along_axis(targets, order, axis=1).ravel()
    kept = np.isfinite(scores)
    rows = np.repeat(sources, order.shape[1])[kept]
    return _Edges(rows, chosen[kept], np.exp(_SHARPNESS * scores[kept]).astype(np.float64))


def _nearest(queries: FloatMatrix, base: FloatMatrix, count: int, *, same: bool = False) -> _Near:
    """The nearest rows of `base` for each query; without itself where both are the `same`."""
    cosines, rows = _index(base).search(queries, count + 1 if same else count)
    if same:
        cosines[rows == np.arange(len(queries))[:, None]] = -np.inf
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
        cosines, rows = (np.take_along_axis(part, order, axis=1) for part in (cosines, rows))
    cosines[rows < 0] = -1.0
    return _Near(np.maximum(rows, 0).astype(np.int64), cosines)


def _index(base: FloatMatrix) -> Any:
    import faiss

    flat = faiss.IndexFlatIP(base.shape[1])
    if len(base) <= _EXACT:
        flat.add(base)
        return flat
    cells = int(2 * len(base) ** 0.5)
    index = faiss.IndexIVFFlat(flat, base.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter, index.cp.seed, index.cp.max_points_per_centroid = 4, _SEED, 40
    index.nprobe = _PROBED
    index.train(base)
    index.add(base)
    return index


def _graph(edges: list[_Edges], count: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    rows, columns, weights = (np.concatenate(part) for part in zip(*edges, strict=True))
    graph = csr_matrix((weights, (rows, columns)), shape=(count, count))
    return graph.maximum(graph.T).tocsr()


def _leiden(graph: csr_matrix) -> IntArray:
    from graspologic_native import leiden_csr

    count = graph.shape[0]
    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        count,
        resolution=max(1.0, _RESOLUTION * count**0.5),
        seed=_SEED,
    )
    return np.array([found[row] for row in range(count)], dtype=np.int64)
