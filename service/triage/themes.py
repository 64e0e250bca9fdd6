"""Finds themes: a graph of nearest neighbours, cut into communities by Leiden.

Vectors are centred by language first, so that members who say the same in Chinese and English
meet. Communities that are small or incoherent are left unclustered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, FloatVector, Role
from service.domain.base import Bilingual
from service.ports.engines import Cluster
from service.triage.features import LANGUAGES, Centre, blend, fit_centre
from service.triage.keywords import Keywords, theme_keywords

_NEIGHBOURS = 8
_RESOLUTION, _TEXTS, _GROWTH = 30.0, 140, 1.3
"""The resolution is (texts / 140) ** 1.3, up to 30: the themes of a small community are few and
wide, those of thousands of texts fine."""

_LINKED = 0.30
"""Least cosine of two neighbours; texts near nobody stay by themselves."""

_SMALLEST = 5
_PRIOR_STRENGTH = 100.0
_COHERENT = 0.40
"""Least mean cosine of a theme's members to its centre, after centring."""

_MEMBER = 0.25
"""Least cosine of a member to its theme's centre."""

_BLOCK = 1024
_NAMED = 3


class _Group(NamedTuple):
    rows: NDArray[np.int64]
    similarities: FloatVector
    centre: FloatVector


class GraphThemes:
    """Clusters texts by meaning. Deterministic; safe to share between threads."""

    def __init__(self, embedder: Embedder, background: Sequence[str]) -> None:
        """The embedder places keywords and the background texts, which say in both languages where
        ordinary messages lie."""
        self._embedder, self._background = embedder, tuple(background)
        self._prior: Centre | None = None

    def cluster(self, texts: Sequence[str], vectors: FloatMatrix) -> tuple[Cluster, ...]:
        """Clusters, largest first; rows in none of them are unclustered.

        Texts that share no telling word form no theme: nobody could say what it is about.

        Args:
            texts: redacted texts.
            vectors: one row per text.

        Raises:
            EmbedderUnavailable: keywords cannot be placed now.
            ValueError: not as many vectors as texts.
        """
        if len(texts) != len(vectors):
            raise ValueError("one vector per text, please")
        if len(texts) < _SMALLEST:
            return ()
        langs = [detect(text) for text in texts]
        centre = self._centre(vectors, langs)
        centred = centre.apply(vectors, langs)
        groups = _groups(centred, communities(centred))
        members = [group.rows for group in groups]
        centres = np.array([group.centre for group in groups], dtype=np.float32)
        keywords = theme_keywords(texts, langs, members, centres, centre, self._embedder)
        named = [pair for pair in zip(groups, keywords, strict=True) if pair[1].zh]
        return tuple(_cluster(group, words) for group, words in named)

    def _centre(self, vectors: FloatMatrix, langs: Sequence[str]) -> Centre:
        if self._prior is None:
            placed = self._embedder.embed(self._background, role=Role.QUERY)
            self._prior = fit_centre(placed, [detect(text) for text in self._background])
        weights = [langs.count(lang) for lang in LANGUAGES]
        return blend(fit_centre(vectors, langs), weights, self._prior, _PRIOR_STRENGTH)


def communities(vectors: FloatMatrix) -> NDArray[np.int64]:
    """Community number of each row of unit vectors, shape (n,); a row near none is its own."""
    from graspologic_native import leiden_csr
    from scipy.sparse import csr_matrix

    rows, columns, weights = _neighbours(vectors)
    graph = csr_matrix((weights, (rows, columns)), shape=(len(vectors), len(vectors)))
    graph = graph.maximum(graph.T).tocsr()
    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        len(vectors),
        resolution=_resolution(len(vectors)),
        seed=1,
    )
    return np.array([found[row] for row in range(len(vectors))], dtype=np.int64)


def _resolution(count: int) -> float:
    return float(max(1.0, min(_RESOLUTION, (count / _TEXTS) ** _GROWTH)))


def _neighbours(
    vectors: FloatMatrix,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Edges to those of the 8 nearest others that are near, by brute force in blocks; weights are
    their cosines."""
    count = min(_NEIGHBOURS, len(vectors) - 1)
    columns, weights = [], []
    for start in range(0, len(vectors), _BLOCK):
        near = vectors[start : start + _BLOCK] @ vectors.T
        near[np.arange(len(near)), np.arange(start, start + len(near))] = -2.0
        best = np.argpartition(-near, count - 1, axis=1)[:, :count]
        columns.append(best)
        weights.append(np.take_along_axis(near, best, axis=1))
    rows = np.repeat(np.arange(len(vectors), dtype=np.int64), count)
    flat = np.concatenate(weights).ravel().astype(np.float64)
    near_enough = flat >= _LINKED
    targets = np.concatenate(columns).ravel().astype(np.int64)
    return rows[near_enough], targets[near_enough], flat[near_enough]


def _groups(centred: FloatMatrix, found: NDArray[np.int64]) -> list[_Group]:
    """Coherent communities, largest first."""
    order = np.argsort(found, kind="stable")
    edges = np.flatnonzero(np.diff(found[order])) + 1
    groups = [_group(centred, rows) for rows in np.split(order, edges)]
    kept = [g for g in groups if len(g.rows) >= _SMALLEST and g.similarities.mean() >= _COHERENT]
    return sorted(kept, key=lambda group: (-len(group.rows), int(group.rows[0])))


def _group(centred: FloatMatrix, rows: NDArray[np.int64]) -> _Group:
    mean = centred[rows].mean(axis=0)
    centre = np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)
    similarities = centred[rows] @ centre
    near = similarities >= _MEMBER
    return _Group(rows[near], similarities[near], centre)


def _cluster(group: _Group, keywords: Keywords) -> Cluster:
    best_first = np.argsort(-group.similarities, kind="stable")
    return Cluster(
        members=tuple(int(row) for row in group.rows[best_first]),
        similarities=tuple(round(float(s), 4) for s in group.similarities[best_first]),
        name=Bilingual(zh=" · ".join(keywords.zh[:_NAMED]), en=" · ".join(keywords.en[:_NAMED])),
        keywords_zh=keywords.zh,
        keywords_en=keywords.en,
    )
